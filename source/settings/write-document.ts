import type { Document, ToStringOptions } from 'yaml';

/**
 * The text of a changed document. Writing a whole document evens out what YAML does not mean: aligned
 * comments, several blank lines, CRLF. This keeps every line of `source` that the change did not concern.
 *
 * @param before the document as it was read from `source`
 * @param isRight whether a text says all that `after` says
 */
export function writeDocument(
  source: string,
  before: Document,
  after: Document,
  isRight: (text: string) => boolean,
): string {
  const habits = habitsOf(source);
  // Lines of two indentations may not fit together: what is new has to be written as what is around it.
  for (const options of habits) {
    const kept = keepLines(source, before.toString(options), after.toString(options));
    if (kept !== undefined && isRight(kept)) return kept;
  }
  return after.toString(habits[0]);
}

/** `source` with the lines in which `before` and `after` differ; undefined where it reads differently. */
function keepLines(source: string, before: string, after: string): string | undefined {
  if (bare(source) !== bare(before)) return undefined;
  const old = linesOf(before);
  const now = linesOf(after);
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;

  const lines = linesOf(source);
  const cuts = cutsOf(lines);
  const said = saidBefore(old);
  // A comment may stand on a line of its own here and behind a value there: cut where both have a line's end.
  while (!cuts.has(said[head] ?? 0)) head -= 1;
  while (!cuts.has(said[old.length - tail] ?? 0)) tail -= 1;
  const headCut = cuts.get(said[head] ?? 0) ?? nowhere;
  const tailCut = cuts.get(said[old.length - tail] ?? 0) ?? nowhere;
  // Blank lines at a cut belong to the side on which they were written.
  const headEnd = head === 0 ? 0 : isBlank(old[head - 1]) ? headCut.last : headCut.first;
  const tailStart = tail === 0 ? lines.length : isBlank(old.at(-tail)) ? tailCut.first : tailCut.last;
  const kept = [
    ...lines.slice(0, headEnd),
    ...now.slice(head, now.length - tail),
    ...lines.slice(Math.max(headEnd, tailStart)),
  ];
  const lineEnd = source.includes('\r\n') ? '\r\n' : '\n';
  return kept.map((line) => line + lineEnd).join('');
}

function linesOf(text: string): string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

interface Cut {
  /** Lines before the cut, without and with the blank lines at it. */
  readonly first: number;
  readonly last: number;
}

const nowhere: Cut = { first: 0, last: 0 };

/** Where a text can be cut between two lines, by the number of visible characters before. */
function cutsOf(lines: readonly string[]): ReadonlyMap<number, Cut> {
  const cuts = new Map<number, Cut>();
  for (const [line, count] of saidBefore(lines).entries()) {
    cuts.set(count, { first: cuts.get(count)?.first ?? line, last: line });
  }
  return cuts;
}

/** The number of visible characters before each line, and at the end. */
function saidBefore(lines: readonly string[]): number[] {
  let count = 0;
  return [0, ...lines.map((line) => (count += bare(line).length))];
}

function isBlank(line: string | undefined): boolean {
  return bare(line ?? '') === '';
}

function bare(text: string): string {
  return text.replace(/\s+/g, '');
}

/** The ways of writing to be found in a text, the likeliest first. */
function habitsOf(source: string): ToStringOptions[] {
  const found = [...source.matchAll(/^( {2,8})[^\s#]/gm)].map(([, spaces = '']) => spaces.length);
  const indents = [...new Set([...found, 2])];
  const bareDash = /^\w+:[ \t]*(?:#.*)?\r?\n(?:[ ]*(?:#.*)?\r?\n)*- /m.test(source);
  const flowCollectionPadding = !/[[{][^\s\]}]/.test(source);
  return [!bareDash, bareDash].flatMap((indentSeq) =>
    indents.map((indent) => ({ lineWidth: 0, nullStr: '', indent, indentSeq, flowCollectionPadding })),
  );
}
