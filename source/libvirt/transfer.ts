/** Files of this machine into and out of volumes: for commands and screens alike. */
export { receive } from './transfer/contents.js';
export { copyBytes } from './transfer/copy.js';
export { downloadVolume } from './transfer/download.js';
export { UploadJournal, type UploadRecord, uploadsFolder } from './transfer/journal.js';
export { RateMeter, sumText, type TransferPace, type TransferProgress } from './transfer/progress.js';
export { removeUnfinished } from './transfer/unfinished.js';
export { resumeUpload, uploadFile } from './transfer/upload.js';
