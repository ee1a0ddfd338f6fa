import { nameProblem } from './connection-rules.js';

/** A name for the connection of a URI: the host in it, else the driver. */
export function suggestName(uri: string): string {
  const parts = /^([a-z][a-z0-9]*)[a-z0-9.+-]*:(?:\/\/(?:[^@/?#]*@)?([^/:?#]*))?/i.exec(uri);
  const name = parts?.[2] || parts?.[1] || 'connection';
  return nameProblem(name) === undefined ? name : 'connection';
}

/** The name, with a number behind it where it is taken. */
export function uniqueName(name: string, taken: readonly string[]): string {
  let unique = name;
  for (let number = 2; taken.includes(unique); number += 1) unique = `${name}-${number}`;
  return unique;
}
