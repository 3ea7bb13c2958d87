export { encodeItems } from './encode-items.js';
export { columnsOf } from './columns.js';
export { EXPORT_FORMATS, isExportFormat } from './formats.js';
export { storedItems } from './stored-items.js';
