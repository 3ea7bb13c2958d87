export { fetchPage } from './fetch-page.js';
export type { FetchedPage } from './fetch-page.js';
export { DirectSource } from './page-source.js';
export type { PageSource } from './page-source.js';
export { lookAtPage } from './look-at-page.js';
export type { FieldLook, FollowLook, Look } from './look-at-page.js';
export { pageOf } from './page-of.js';
