import type { Finding } from '../plan.js';
import type { VmOption } from './vm-option.js';
import { vmOptions } from './vm-options.js';

/** The options that say what a finding is about, the likeliest first; of a list with the index of the one it means. */
export function optionsOf({ field, part }: Pick<Finding, 'field' | 'part'>): {
  readonly options: readonly VmOption[];
  readonly index: number | undefined;
} {
  // As a part `network` is the guest's own configuration.
  const subject = part ?? (field === 'network' ? 'card' : field);
  const [, stem = subject, index] = /^(.*?)(?:\.(\d+))?$/.exec(subject) ?? [];
  return {
    options: vmOptions.filter(({ id, findings = [id] }) => findings.includes(stem)),
    index: index === undefined ? undefined : Number(index),
  };
}
