import type { Need, VmOption } from '../../../provision/request/vm-option.js';
import type { VmSource } from '../../../provision/request/vm-request.js';
import type { Values } from '../../kit/form/form.js';

/** Whether an option applies to this VM; otherwise its field is hidden and its value ignored. */
export function suits({ needs }: VmOption, source: VmSource, values: Values): boolean {
  return needs.every((need) => met[need]?.(source, values) ?? true);
}

/** Only cloud images are set up by cloud-init. */
export function hasAccess({ kind }: VmSource, { cloudInit }: Values): boolean {
  return kind === 'image' && cloudInit === 'yes';
}

const met: Partial<Readonly<Record<Need, (source: VmSource, values: Values) => boolean>>> = {
  'cloud-init': hasAccess,
  image: ({ kind }) => kind === 'image',
  'new-disk': ({ kind }) => kind !== 'import',
  address: (_, { address }) => address !== '',
};
