import { isSameUri } from './same-uri.js';
import type { ConnectionSetting, Settings } from './settings.js';
import { SettingsError } from './settings-error.js';
import type { Edit } from './update-settings.js';

/** For updateSettings: one more connection, at the end. Throws `conflict` or `same-host`. */
export function addConnection(connection: ConnectionSetting): Edit {
  return (settings) => {
    refuseSameHost(settings, connection.name, connection.uri);
    return append(connection)(settings);
  };
}

/** @param own the name of the connection that may lead there */
function refuseSameHost({ connections }: Settings, own: string, uri: string): void {
  const same = connections.find((one) => one.name !== own && isSameUri(one.uri, uri));
  if (same === undefined) return;
  throw new SettingsError('same-host', `the connection "${same.name}" leads there already: ${same.uri}`);
}

function append(connection: ConnectionSetting): Edit {
  return (settings) => {
    if (findConnection(settings, connection.name)) {
      throw new SettingsError('conflict', `there is a connection named "${connection.name}" already`);
    }
    return { ...settings, connections: [...settings.connections, connection] };
  };
}

/** For updateSettings: without the connection. Throws `not-found`. */
export function removeConnection(name: string): Edit {
  return (settings) => {
    const gone = existing(settings, name);
    return { ...settings, connections: settings.connections.filter((connection) => connection !== gone) };
  };
}

/** For updateSettings: some fields of a connection changed, its name as well if need be. Throws `not-found`. */
export function changeConnection(name: string, change: Partial<ConnectionSetting>): Edit {
  return (settings) => {
    const old = existing(settings, name);
    const taken = change.name !== undefined && change.name !== name && findConnection(settings, change.name);
    if (taken) throw new SettingsError('conflict', `there is a connection named "${taken.name}" already`);
    const connections = settings.connections.map((one) => (one === old ? { ...old, ...change } : one));
    return { ...settings, connections };
  };
}

/** For updateSettings: another URI or name of a connection. Throws `not-found`, `conflict` or `same-host`. */
export function editConnection(name: string, change: Partial<ConnectionSetting>): Edit {
  return (settings) => {
    if (change.uri !== undefined) refuseSameHost(settings, name, change.uri);
    return changeConnection(name, change)(settings);
  };
}

/** For updateSettings: the connection as given, whether or not there is one of its name, or one that leads there. */
export function putConnection(connection: ConnectionSetting): Edit {
  return (settings) =>
    (findConnection(settings, connection.name) === undefined
      ? append(connection)
      : changeConnection(connection.name, connection))(settings);
}

/** The connection of that name, if there is one. */
export function findConnection(settings: Settings, name: string): ConnectionSetting | undefined {
  return settings.connections.find((connection) => connection.name === name);
}

function existing(settings: Settings, name: string): ConnectionSetting {
  const connection = findConnection(settings, name);
  if (connection === undefined) {
    throw new SettingsError('not-found', `there is no connection named "${name}"`);
  }
  return connection;
}
