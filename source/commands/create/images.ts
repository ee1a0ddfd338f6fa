import type { CatalogueImage } from '../../provision/images/catalogue.js';
import { ImageCache } from '../../provision/images/image-cache.js';
import { jsonText } from '../../text/json.js';
import { literal } from '../../text/safe.js';
import { type CommandIo, ExitCode } from '../command.js';
import { table } from '../table.js';

/** `virtdeck create --images` */
export async function listImages(
  catalogue: readonly CatalogueImage[],
  { json }: Readonly<Record<string, unknown>>,
  io: CommandIo,
): Promise<number> {
  const cached = await new ImageCache(io.env).list();
  const rows = catalogue
    .filter(({ arch }) => arch === 'x86_64')
    .map(({ id, name, user, url, aliases }) => {
      const stem = (url.split('/').at(-1) ?? '').replace(/\.\w+$/, '');
      return { id, name, user, url, aliases, cached: cached.some((file) => file.startsWith(`${stem}-`)) };
    });
  if (json === true) io.stdout.write(literal`${jsonText(rows, 2)}\n`);
  else
    io.stdout.write(
      table(
        ['Id', 'Name', 'User', 'Cached'],
        rows.map(({ id, name, user, cached: here }) => [id, name, user, here ? 'yes' : '-']),
      ),
    );
  return ExitCode.ok;
}
