/** Files of this machine into and out of volumes: for commands and screens alike. */
export { type DownloadOptions, downloadVolume } from './transfer/download.js';
export { UploadJournal, type UploadRecord, uploadsFolder } from './transfer/journal.js';
export {
  paced,
  type TransferControl,
  type TransferPace,
  type TransferProgress,
  type Transferred,
} from './transfer/progress.js';
export { resumeUpload, type UploadOptions, uploadFile } from './transfer/upload.js';
