import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import { say } from '../../services/messages.js';
import type { Task, TaskControl } from '../../services/tasks.js';
import { connectionName, type PoolPlace } from './storage-data.js';

export interface VolumeTask {
  readonly title: string;
  readonly whenCancelled: string;
  work(hypervisor: Hypervisor, control: TaskControl): Promise<string>;
}

/**
 * Runs long work on a connection of its own: the screens' calls do not wait for it, and cancelling it closes
 * nothing else. Its beginning and its end are told where the person is.
 */
export function beginTask(place: Pick<PoolPlace, 'host' | 'connectionId'>, spec: VolumeTask): void {
  const { host, connectionId } = place;
  const { title, whenCancelled, work } = spec;
  const ended = host.tasks.run({
    title,
    connection: connectionName(place),
    whenCancelled,
    work: async (control) => {
      const hypervisor = await host.inventory.openAnother(connectionId, control.signal);
      try {
        return await work(hypervisor, control);
      } finally {
        await hypervisor.close();
      }
    },
  });
  say(host, { level: 'info', text: `${title}: begun. J shows the tasks.` });
  void ended.then((task) => {
    tell(place, task);
    // No event tells of volumes.
    void host.inventory.refresh(connectionId);
  });
}

function tell({ host }: Pick<PoolPlace, 'host'>, { title, state, outcome, hint }: Task): void {
  const levels = { running: 'info', done: 'success', failed: 'error', cancelled: 'warning' } as const;
  const words = state === 'failed' ? `${title} failed: ${outcome ?? ''}` : `${title}: ${outcome ?? state}`;
  say(host, { level: levels[state], text: words, hint });
}
