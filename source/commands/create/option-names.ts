import type { Finding } from '../../provision/plan.js';
import { optionsOf } from '../../provision/request/option-of-finding.js';
import { isGiven } from './usage.js';

type Flags = Readonly<Record<string, unknown>>;

/** A finding in words of the command line: "--address 10.0.0.5: …". */
export function byOption({ options: helping, ...finding }: Finding, flags: Flags): Finding {
  const { part, message } = finding;
  const fix = fixOf({ ...finding, options: helping });
  const { options, index } = optionsOf(finding);
  const named = options.flatMap(({ flag, namedOnly }) => (flag === undefined ? [] : [{ flag, namedOnly }]));
  const given = named.find(({ flag }) => isGiven(flags, flag.name));
  if (given !== undefined) {
    const { flag, namedOnly } = given;
    const value = namedOnly ? undefined : shownValue(flags[flag.name], index);
    return { ...finding, fix, message: `--${[flag.name, value].filter(Boolean).join(' ')}: ${message}` };
  }
  // What would help was not given at all.
  const missing = part !== undefined && index === undefined && named.length > 0 && fix !== undefined;
  if (!missing || helping !== undefined) return { ...finding, fix };
  return { ...finding, fix: `${fix}: ${named.map(({ flag }) => `--${flag.name}`).join(', ')}` };
}

function fixOf({ fix, options }: Pick<Finding, 'fix' | 'options'>): string | undefined {
  return options === undefined ? fix : [fix?.replace(/\.$/, ''), options].filter(Boolean).join(': ');
}

/** As it was typed; undefined for what was switched. */
function shownValue(value: unknown, index = 0): string | undefined {
  const one: unknown = Array.isArray(value) ? value[index] : value;
  return typeof one === 'string' || typeof one === 'number' ? String(one) : undefined;
}
