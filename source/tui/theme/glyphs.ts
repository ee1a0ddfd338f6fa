import type { PlotConfig } from 'asciichart';
import { DomainState } from '../../libvirt/domain-state.js';

/** Every symbol the screens draw, one cell wide each. */
export interface Glyphs {
  readonly state: Readonly<Record<DomainState, string>>;
  /** Before the name of a marked row. */
  readonly mark: string;
  readonly folded: string;
  readonly unfolded: string;
  readonly closed: string;
  readonly failed: string;
  readonly ascending: string;
  readonly descending: string;
  readonly rule: string;
  readonly ellipsis: string;
  readonly separator: string;
  readonly unknown: string;
  readonly pending: string;
  /** From none to full, for one cell of a sparkline. */
  readonly spark: readonly string[];
  /** asciichart's symbols, in its order. */
  readonly chart: NonNullable<PlotConfig['symbols']>;
  readonly box: {
    readonly corners: readonly [string, string, string, string];
    readonly side: string;
    readonly line: string;
  };
  /** How keys without a printable character are written. */
  readonly keys: Readonly<Record<'enter' | 'up' | 'down' | 'left' | 'right', string>>;
}

export const unicodeGlyphs: Glyphs = {
  state: {
    [DomainState.noState]: '?',
    [DomainState.running]: '●',
    [DomainState.blocked]: '●',
    [DomainState.paused]: '◐',
    [DomainState.shutdown]: '◌',
    [DomainState.shutOff]: '○',
    [DomainState.crashed]: '✗',
    [DomainState.pmSuspended]: '◑',
  },
  mark: '✓',
  folded: '▸',
  unfolded: '▾',
  closed: '▹',
  failed: '✗',
  ascending: '▲',
  descending: '▼',
  rule: '─',
  ellipsis: '…',
  separator: '·',
  unknown: '–',
  pending: '…',
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  chart: ['┼', '┤', '╶', '╴', '─', '╰', '╭', '╮', '╯', '│'],
  box: { corners: ['┌', '┐', '└', '┘'], side: '│', line: '─' },
  keys: { enter: '⏎', up: '↑', down: '↓', left: '←', right: '→' },
};

/** For terminals whose locale is not UTF-8. */
export const asciiGlyphs: Glyphs = {
  state: {
    [DomainState.noState]: '?',
    [DomainState.running]: '*',
    [DomainState.blocked]: '*',
    [DomainState.paused]: '=',
    [DomainState.shutdown]: '~',
    [DomainState.shutOff]: 'o',
    [DomainState.crashed]: 'X',
    [DomainState.pmSuspended]: 'z',
  },
  mark: '+',
  folded: '>',
  unfolded: 'v',
  closed: '-',
  failed: '!',
  ascending: '^',
  descending: 'v',
  rule: '-',
  ellipsis: '~',
  separator: '|',
  unknown: '-',
  pending: '~',
  spark: [' ', '.', ':', '-', '=', '+', '*', '#'],
  chart: ['+', '|', '-', '-', '-', "'", '.', '.', "'", '|'],
  box: { corners: ['+', '+', '+', '+'], side: '|', line: '-' },
  keys: { enter: 'Enter', up: 'Up', down: 'Down', left: 'Left', right: 'Right' },
};
