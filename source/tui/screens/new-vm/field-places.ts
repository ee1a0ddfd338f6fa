import type { Finding } from '../../../provision/plan.js';
import { optionsOf } from '../../../provision/request/option-of-finding.js';
import type { VmOption } from '../../../provision/request/vm-option.js';
import { vmOptions } from '../../../provision/request/vm-options.js';
import { type PageId, switchOf } from './pages.js';

export interface FieldPlace {
  readonly page: PageId;
  readonly field: string;
  /** The switch that shows the field. */
  readonly behind?: string;
}

/** The page and field where a finding can be fixed; undefined if no page has it. */
export function placeOf({ field, part }: Pick<Finding, 'field' | 'part'>): FieldPlace | undefined {
  const named = [...optionsOf({ field, ...(part && { part }) }).options, ...optionsOf({ field }).options];
  const option = named.find((one) => one.field !== undefined || one.page === 'image');
  if (option !== undefined) return placeOfOption(option);
  return field === 'access' ? placeOfField('user') : undefined;
}

export function placeOfOption(option: VmOption): FieldPlace {
  const behind = switchOf(option);
  return { page: option.page, field: option.id, ...(behind !== undefined && { behind }) };
}

/** @param id of a field of the table */
export function placeOfField(id: string): FieldPlace | undefined {
  const option = vmOptions.find((one) => one.id === id);
  return option && placeOfOption(option);
}
