import { literal, type SafeText, safe } from '../../text/safe.js';
/** What a piece of text means; how that looks is decided in one table. */
export type StyleName =
  | 'plain'
  | 'title'
  | 'heading'
  | 'selected'
  | 'faint'
  | 'key'
  | 'good'
  | 'warning'
  | 'bad'
  | 'accent'
  | 'chart'
  | 'cursor';

/** SGR parameters that switch a style on and off again. Empty: nothing to switch. */
export interface Sgr {
  readonly on: SafeText;
  readonly off: SafeText;
}

const esc = (parameters: string): SafeText => literal`\u001B[${safe(parameters)}m`;
const sgr = (on: string, off: string): Sgr => ({ on: esc(on), off: esc(off) });
const none: Sgr = { on: literal``, off: literal`` };

/** Painted text without its styles. */
export function withoutStyles(painted: string): string {
  return painted.replace(/\u001B\[[\d;]*m/g, '');
}

/** The palette of the terminal itself, so that a person's own colours (and light backgrounds) are respected. */
export const colorStyles: Readonly<Record<StyleName, Sgr>> = {
  plain: none,
  title: sgr('1', '22'),
  heading: sgr('1', '22'),
  selected: sgr('7', '27'),
  faint: sgr('2', '22'),
  key: sgr('36', '39'),
  good: sgr('32', '39'),
  warning: sgr('33', '39'),
  bad: sgr('31', '39'),
  accent: sgr('36', '39'),
  chart: sgr('36', '39'),
  cursor: sgr('7', '27'),
};

/** On a light background cyan and yellow can hardly be read. */
export const lightStyles: Readonly<Record<StyleName, Sgr>> = {
  ...colorStyles,
  key: sgr('34', '39'),
  warning: sgr('35', '39'),
  accent: sgr('34', '39'),
  chart: sgr('34', '39'),
};

/** Without colour: weight and inversion carry what must stand out. */
export const plainStyles: Readonly<Record<StyleName, Sgr>> = {
  ...colorStyles,
  key: sgr('1', '22'),
  good: none,
  warning: none,
  bad: sgr('1', '22'),
  accent: none,
  chart: none,
};
