import { literal, type SafeText, safe, safeAscii } from '../../text/safe.js';
import { repeat, spaces, fit as toWidth, truncate, width } from '../../text/width.js';
import type { Capabilities } from '../terminal/capabilities.js';
import { asciiGlyphs, type Glyphs, unicodeGlyphs } from './glyphs.js';
import { colorStyles, lightStyles, plainStyles, type Sgr, type StyleName } from './styles.js';

/** Code units that a cell takes at most: a letter with its marks. */
const unitsOfCell = 8;
/** Cells that a text over several lines is looked at for. */
const screenful = 1250;

/**
 * How text becomes a line of the screen. Every string, whoever wrote it, passes through `text` (or a method
 * built on it) before it is painted: the one place where control characters of hosts and guests end.
 */
export class Look {
  readonly glyphs: Glyphs;
  readonly unicode: boolean;
  readonly #styles: Readonly<Record<StyleName, Sgr>>;

  constructor(capabilities: Capabilities) {
    this.unicode = capabilities.unicode;
    this.glyphs = capabilities.unicode ? unicodeGlyphs : asciiGlyphs;
    this.#styles =
      capabilities.colors === 0 ? plainStyles : capabilities.light === true ? lightStyles : colorStyles;
  }

  /**
   * Text that this terminal can show and that does nothing but show.
   *
   * @param cells room that it has at most; of what lies far beyond nobody sees anything, and nothing is looked at:
   * a name may have 4 MiB
   */
  text(text: string, cells = screenful): SafeText {
    const enough = Math.max(0, cells) * unitsOfCell + unitsOfCell;
    const part = text.length > enough ? text.slice(0, enough) + this.glyphs.ellipsis : text;
    return this.unicode ? safe(part) : safeAscii(part);
  }

  /** Text in exactly `cells` cells. */
  fit(text: string, cells: number, align: 'left' | 'right' = 'left'): SafeText {
    return toWidth(this.text(text, cells), cells, align, this.glyphs.ellipsis);
  }

  /** Text in at most `cells` cells. */
  cut(text: string, cells: number): SafeText {
    return truncate(this.text(text, cells), cells, this.glyphs.ellipsis);
  }

  width(text: string): number {
    return width(this.text(text));
  }

  /** Already fitted text in a style. */
  paint(style: StyleName, text: SafeText): SafeText {
    const { on, off } = this.#styles[style];
    return on === '' || text === '' ? text : literal`${on}${text}${off}`;
  }

  /** Parts of a line, each in its style, in exactly `cells` cells; what does not fit is cut off. */
  line(parts: readonly Part[], cells: number): SafeText {
    let out = literal``;
    let left = cells;
    for (const [text, style] of parts) {
      if (left <= 0) break;
      const cut = this.cut(text, left);
      left -= width(cut);
      out = literal`${out}${style === undefined ? cut : this.paint(style, cut)}`;
    }
    return literal`${out}${spaces(left)}`;
  }

  /** Two groups of parts on one line, the second at the right edge; the first gives way. */
  spread(left: readonly Part[], right: readonly Part[], cells: number): SafeText {
    const rightWidth = right.reduce((sum, [text]) => sum + this.width(text), 0);
    if (rightWidth + 1 >= cells) return this.line(left, cells);
    return literal`${this.line(left, cells - rightWidth - 1)} ${this.line(right, rightWidth)}`;
  }

  rule(cells: number): SafeText {
    return this.paint('faint', repeat(this.glyphs.rule, cells));
  }
}

/** A piece of a line and the style it is drawn in. */
export type Part = readonly [text: string, style?: StyleName];
