import type { ActionOutcome } from '../../inventory/action-runner.js';
import type { Operation } from '../../inventory/operate.js';
import type { Hypervisor } from '../../libvirt/hypervisor.js';
import { ask } from '../kit/ask.js';
import { editText } from '../terminal/editor.js';
import type { TerminalLease } from '../terminal/terminal-lease.js';
import type { ActionHost } from './domain-action.js';
import { say } from './messages.js';

/** What editing needs of the screen that it is started from. */
export interface EditHost extends ActionHost {
  readonly terminal: TerminalLease;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface XmlEdit {
  /** What is edited: "network default". */
  readonly title: string;
  readonly xml: string;
  /** Gives the changed text to libvirt; its outcome is told by whoever does it. */
  save(xml: string): Promise<ActionOutcome>;
}

/**
 * Lets a person edit XML in their editor and saves it. What libvirt refuses is not lost: the person is asked
 * whether to go on with it.
 *
 * @param draft the text to begin with, where it is not the XML itself
 */
export async function editXml(host: EditHost, edit: XmlEdit, draft = edit.xml): Promise<void> {
  let text: string;
  try {
    text = await host.terminal.lend(() => editText(draft, `${edit.title}.xml`, host.environment));
  } catch (error) {
    say(host, { level: 'error', text: `${edit.title}: ${(error as Error).message}` });
    return;
  }
  if (text.trim() === edit.xml.trim()) {
    say(host, { level: 'info', text: `${edit.title}: nothing was changed` });
    return;
  }
  const outcome = await edit.save(text);
  if (outcome.ok) return;
  ask(host, {
    title: 'Edit again?',
    lines: [
      outcome.text,
      ...(outcome.hint === undefined ? [] : [outcome.hint]),
      '',
      'No throws the changes away.',
    ],
    confirm: () => void editXml(host, edit, text),
    choice: 'yes',
  });
}

/** A persistent object of a connection, by its definition. */
export interface DefinedObject {
  /** "network default" */
  readonly title: string;
  readonly on: NonNullable<Operation['on']>;
  readonly read: (hypervisor: Hypervisor) => Promise<string>;
  readonly define: (hypervisor: Hypervisor, xml: string) => Promise<unknown>;
}

/** Lets a person edit the definition for the next start of a network or pool, and defines it by that. */
export async function editDefinition(
  host: EditHost,
  connectionId: string,
  { title, on, read, define }: DefinedObject,
): Promise<void> {
  try {
    const xml = await host.inventory.ask(connectionId, read);
    await editXml(host, {
      title,
      xml,
      save: (text) =>
        host.inventory.operate(connectionId, {
          on,
          pending: 'changing',
          done: `${title}: changed; an active ${on.kind} takes it over at its next start`,
          failed: `${title}: change failed`,
          call: (hypervisor) => define(hypervisor, text),
        }),
    });
  } catch (error) {
    say(host, { level: 'error', text: `${title}: its XML could not be read: ${(error as Error).message}` });
  }
}
