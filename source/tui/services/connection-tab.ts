import type { Connection } from '../../inventory/types.js';
import type { SafeText } from '../../text/safe.js';
import type { Binding } from '../kit/binding.js';
import type { Size } from '../kit/size.js';
import type { ScreenHost } from './screen-host.js';

/** What a tab is drawn from and acts on. */
export interface TabContext {
  readonly host: ScreenHost;
  readonly connectionId: string;
}

/**
 * A tab of the Connection screen. The screen draws the frame around it, switches tabs, and has the keys
 * that a tab has no use for; it knows nothing of what is inside.
 */
export interface ConnectionTab {
  /** Exactly `size.rows` lines of `size.columns` cells, from live data; asks nobody and starts nothing. */
  draw(connection: Connection, size: Size, now: number): readonly SafeText[];
  /** Fetches what the last draw still lacked; called after a draw. */
  read?(connection: Connection): void;
  /** Its keys, most useful first, with what they act on now; the screen dispatches them and draws the last line. */
  bindings(connection: Connection): readonly Binding[];
  /** Called when it comes into view and when it leaves it; whatever it watches, it watches in between. */
  readonly shown?: ((visible: boolean) => void) | undefined;
  /** The screen closes; for a tab in view `shown(false)` came before. */
  readonly close?: (() => void) | undefined;
}

/** A line of the table of tabs. The tab itself is made when it is first looked at. */
export interface TabKind {
  readonly title: string;
  readonly open: (context: TabContext) => ConnectionTab;
}
