import type { PlotConfig } from 'asciichart';
import { DomainState } from '../../libvirt/domain-state.js';
import { literal, type SafeText } from '../../text/safe.js';

/** Every symbol the screens draw, one cell wide each. */
export interface Glyphs {
  readonly state: Readonly<Record<DomainState, SafeText>>;
  /** Before the name of a marked row. */
  readonly mark: SafeText;
  readonly folded: SafeText;
  readonly unfolded: SafeText;
  readonly closed: SafeText;
  readonly failed: SafeText;
  readonly ascending: SafeText;
  readonly descending: SafeText;
  readonly rule: SafeText;
  readonly ellipsis: SafeText;
  readonly separator: SafeText;
  readonly unknown: SafeText;
  readonly pending: SafeText;
  /** From none to full, for one cell of a sparkline. */
  readonly spark: readonly SafeText[];
  /** asciichart's symbols, in its order. */
  readonly chart: NonNullable<PlotConfig['symbols']>;
  readonly box: {
    readonly corners: readonly [SafeText, SafeText, SafeText, SafeText];
    readonly side: SafeText;
    readonly line: SafeText;
  };
  /** How keys without a printable character are written. */
  readonly keys: Readonly<Record<'enter' | 'up' | 'down' | 'left' | 'right', SafeText>>;
}

export const unicodeGlyphs: Glyphs = {
  state: {
    [DomainState.noState]: literal`?`,
    [DomainState.running]: literal`●`,
    [DomainState.blocked]: literal`●`,
    [DomainState.paused]: literal`◐`,
    [DomainState.shutdown]: literal`◌`,
    [DomainState.shutOff]: literal`○`,
    [DomainState.crashed]: literal`✗`,
    [DomainState.pmSuspended]: literal`◑`,
  },
  mark: literal`✓`,
  folded: literal`▸`,
  unfolded: literal`▾`,
  closed: literal`▹`,
  failed: literal`✗`,
  ascending: literal`▲`,
  descending: literal`▼`,
  rule: literal`─`,
  ellipsis: literal`…`,
  separator: literal`·`,
  unknown: literal`–`,
  pending: literal`…`,
  spark: [literal`▁`, literal`▂`, literal`▃`, literal`▄`, literal`▅`, literal`▆`, literal`▇`, literal`█`],
  chart: ['┼', '┤', '╶', '╴', '─', '╰', '╭', '╮', '╯', '│'],
  box: { corners: [literal`┌`, literal`┐`, literal`└`, literal`┘`], side: literal`│`, line: literal`─` },
  keys: { enter: literal`⏎`, up: literal`↑`, down: literal`↓`, left: literal`←`, right: literal`→` },
};

/** For terminals whose locale is not UTF-8. */
export const asciiGlyphs: Glyphs = {
  state: {
    [DomainState.noState]: literal`?`,
    [DomainState.running]: literal`*`,
    [DomainState.blocked]: literal`*`,
    [DomainState.paused]: literal`=`,
    [DomainState.shutdown]: literal`~`,
    [DomainState.shutOff]: literal`o`,
    [DomainState.crashed]: literal`X`,
    [DomainState.pmSuspended]: literal`z`,
  },
  mark: literal`+`,
  folded: literal`>`,
  unfolded: literal`v`,
  closed: literal`-`,
  failed: literal`!`,
  ascending: literal`^`,
  descending: literal`v`,
  rule: literal`-`,
  ellipsis: literal`~`,
  separator: literal`|`,
  unknown: literal`-`,
  pending: literal`~`,
  spark: [literal` `, literal`.`, literal`:`, literal`-`, literal`=`, literal`+`, literal`*`, literal`#`],
  chart: ['+', '|', '-', '-', '-', "'", '.', '.', "'", '|'],
  box: { corners: [literal`+`, literal`+`, literal`+`, literal`+`], side: literal`|`, line: literal`-` },
  keys: {
    enter: literal`Enter`,
    up: literal`Up`,
    down: literal`Down`,
    left: literal`Left`,
    right: literal`Right`,
  },
};
