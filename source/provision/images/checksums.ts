/**
 * The digest of one file in a site's list of checksums: lines of sha256sum ("DIGEST  NAME"), BSD's
 * ("SHA256 (NAME) = DIGEST"), also between the lines of a PGP signature, or a lone digest.
 *
 * @param length characters of the digest: 64 or 128
 * @param beside the list is of that file alone (FILE.sha256): its only digest is the one, whatever name it is under.
 *   openSUSE's calls the file by its build.
 */
export function digestFor(text: string, name: string, length: number, beside = false): string | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const digest = new RegExp(`^[0-9a-f]{${length}}$`, 'i');
  const others = new Set<string>();
  for (const line of lines) {
    const [, bsdName, bsdDigest = ''] = /^\w+ \((.+)\) = ([0-9a-f]+)$/i.exec(line) ?? [];
    if (bsdName === name && digest.test(bsdDigest)) return bsdDigest.toLowerCase();
    if (digest.test(bsdDigest)) others.add(bsdDigest.toLowerCase());
    const [, gnuDigest = '', gnuName] = /^([0-9a-f]+)\s+[* ]?(.+)$/i.exec(line) ?? [];
    if (gnuName?.replace(/^.*\//, '') === name && digest.test(gnuDigest)) return gnuDigest.toLowerCase();
    if (digest.test(gnuDigest)) others.add(gnuDigest.toLowerCase());
  }
  if (beside && others.size === 1) return [...others][0];
  const lone = lines.filter((line) => line !== '');
  return lone.length === 1 && digest.test(lone[0] ?? '') ? lone[0]?.toLowerCase() : undefined;
}
