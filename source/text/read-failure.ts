const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  EISDIR: 'it is a directory',
  ENXIO: 'it is a socket or a device that is not there, and no regular file',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'no file has so long a name',
};

/** Why a file cannot be read, in words: "/srv/a.img: there is no such file". */
export function readFailure(path: string, error: unknown): string {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  return `${path}: ${reasons[code] ?? message}`;
}
