/**
 * A second process for the tests: edit-child.ts PATH FIRST COUNT [MOMENT]
 * adds COUNT connections n<FIRST>…, each by an edit of its own. With a moment, the process kills itself when it
 * gets there: "sync" (the new text is written), "rename" (just before it would take the file's place).
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [path = '', first = '0', count = '1', moment] = process.argv.slice(2);
const die = () => process.kill(process.pid, 'SIGKILL');

if (moment === 'rename') {
  fs.promises.rename = async () => {
    die();
  };
  syncBuiltinESMExports();
}
if (moment === 'sync') {
  const handle = await fs.promises.open('/dev/null');
  Object.getPrototypeOf(handle).sync = async () => {
    die();
  };
  await handle.close();
}

// Only now: the module takes what it needs of node:fs when it is loaded.
const { updateSettings } = await import('../../source/settings/update-settings.js');
const { addConnection } = await import('../../source/settings/connection-edits.js');
for (let index = Number(first); index < Number(first) + Number(count); index += 1) {
  await updateSettings(
    path,
    addConnection({ name: `n${index}`, uri: `test:///n${index}`, autoconnect: false }),
  );
}
