/** The fields of one vCPU, interface or disk, by its number, made once. */
function numbered<F extends string>(
  kind: string,
  fields: readonly F[],
): (index: number) => Readonly<Record<F, string>> {
  const made: Record<F, string>[] = [];
  return (index) => {
    let names = made[index];
    if (names === undefined) {
      names = {} as Record<F, string>;
      for (const field of fields) names[field] = `${kind}.${index}.${field}`;
      made[index] = names;
    }
    return names;
  };
}

export const vcpuFields = numbered('vcpu', ['state', 'time', 'wait', 'delay']);

export const netFields = numbered('net', [
  'name',
  'rx.bytes',
  'rx.pkts',
  'rx.errs',
  'rx.drop',
  'tx.bytes',
  'tx.pkts',
  'tx.errs',
  'tx.drop',
]);

export const blockFields = numbered('block', [
  'name',
  'path',
  'backingIndex',
  'rd.reqs',
  'rd.bytes',
  'rd.times',
  'wr.reqs',
  'wr.bytes',
  'wr.times',
  'fl.reqs',
  'fl.times',
  'allocation',
  'capacity',
  'physical',
]);
