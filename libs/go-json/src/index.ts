export { compareUtf8, goObject, goString } from './go-writer.js';
export { foldKey, goMembers, goText, isInt64 } from './go-reader.js';
