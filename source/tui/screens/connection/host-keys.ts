import type { Connection } from '../../../inventory/types.js';
import type { Binding } from '../../kit/binding.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { autoconnect, disconnect, edit, remove } from './connection-changes.js';
import { savedConnection } from './saved-connection.js';

/** What a key on a host acts on. */
export interface HostKeyContext {
  readonly host: ScreenHost;
  readonly connection: Connection;
}

/** Every key on a host, in the list and on its own screen. */
export const hostBindings: readonly Binding<HostKeyContext>[] = [
  {
    keys: ['x'],
    on: 'host',
    help: 'disconnect, or give up connecting',
    label: ({ connection: { status } }) => (status.state === 'connected' ? 'disconnect' : 'give up'),
    refusal: ({ connection: { name, status } }) =>
      status.state === 'disconnected' ? `${name} is not connected.` : undefined,
    run: ({ host, connection }) => disconnect(host, connection),
  },
  {
    keys: ['A'],
    on: 'host',
    help: 'autoconnect on or off',
    label: ({ host, connection }) =>
      savedConnection(host, connection)?.autoconnect === true ? 'autoconnect off' : 'autoconnect',
    run: ({ host, connection }) => autoconnect(host, connection),
  },
  {
    keys: ['e'],
    on: 'host',
    help: 'edit the connection: its URI, name, autoconnect',
    label: 'edit',
    run: ({ host, connection }) => edit(host, connection),
  },
  {
    keys: ['D'],
    on: 'host',
    help: 'remove the connection from the list (asks)',
    label: 'remove',
    run: ({ host, connection }) => remove(host, connection),
  },
];
