import { list } from '../../source/commands/list/list.js';
import { createOpener } from '../../source/hosts/opener.js';
import { Inventory } from '../../source/inventory/inventory.js';
import { type ColumnId, columns } from '../../source/tui/screens/manager/columns.js';
import { Look } from '../../source/tui/theme/look.js';
import { runCommand } from './command-io.js';

/** The columns that `virtdeck list` and the Manager share: the first's title, the other's id. */
const shared = [
  ['Id', 'id'],
  ['State', 'state'],
  ['vCPU', 'vcpus'],
  ['Memory', 'memory'],
] as const satisfies readonly (readonly [string, ColumnId])[];

export type Rows = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What both faces print of the domains of a host, by name and column; "" for what is not known. */
export async function twoFaces(uri: string): Promise<{ readonly command: Rows; readonly screen: Rows }> {
  const { stdout } = await runCommand(list, [], { connect: [uri], all: true, address: false });
  return { command: rowsOf(stdout), screen: await shownBy(uri) };
}

/** A table as virsh and virtdeck print it: columns under their titles, three spaces between them. */
function rowsOf(text: string): Rows {
  const [head = '', , ...lines] = text.trimEnd().split('\n');
  const titles = head.trim().split(/ {3,}/);
  const rows = lines.map((line) => line.trim().split(/ {3,}(?=\S)(?![\d.]+ [KMGT]iB)/));
  return Object.fromEntries(
    rows.map((cells) => {
      const cell = (title: string) => cells[titles.indexOf(title)] ?? '';
      return [cell('Name'), Object.fromEntries(shared.map(([title]) => [title, plain(cell(title))]))];
    }),
  );
}

async function shownBy(uri: string): Promise<Rows> {
  const inventory = new Inventory({
    interval: 200,
    open: (text, hooks) => createOpener()(text, { ...hooks, events: true }),
  });
  const id = inventory.add({ uri });
  try {
    inventory.connect(id);
    const changed = (test: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!test()) return;
          stop();
          resolve();
        };
        const stop = inventory.store.subscribe(look);
        look();
      });
    const domains = () => [...(inventory.connection(id)?.domains.values() ?? [])];
    await changed(() => domains().some(({ updatedAt }) => updatedAt > 0));
    // What is on the screen is looked at.
    for (const { uuid } of domains()) inventory.watchDomain(id, uuid);
    // A driver without statistics tells it by a call for each, with the next tick.
    await changed(() => domains().every(({ vcpus }) => vcpus !== undefined));
    const connection = inventory.connection(id);
    if (connection === undefined) throw new Error('the connection is gone');
    const look = new Look({ unicode: true, colors: 16, mono: false } as ConstructorParameters<
      typeof Look
    >[0]);
    return Object.fromEntries(
      domains().map((domain) => [
        domain.name,
        Object.fromEntries(
          shared.map(([title, column]) => {
            const [text] = columns.get(column)?.cell({ domain, connection }, 40, look) ?? [''];
            return [title, plain(text)];
          }),
        ),
      ]),
    );
  } finally {
    await inventory.dispose();
  }
}

/** Without what aligns it; "-" and "–" stand for nothing. */
function plain(text: string): string {
  return text
    .replace(/ +/g, ' ')
    .trim()
    .replace(/^[-–]$/, '');
}
