import type { Problem } from './request.js';

const zoneForm = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Za-z][A-Za-z0-9_+-]*){0,2}$/;

/** "de_DE.UTF-8", "ca_ES@valencia", "C.UTF-8" (setlocale(3)). */
const localeForm = /^(?:C|POSIX|[a-z]{2,3}(?:_[A-Z]{2}|_\d{3})?)(?:\.[A-Za-z0-9-]{1,20})?(?:@[a-z]{1,20})?$/;

/** Must be the name of a file in the guest's /usr/share/zoneinfo, so that capital letters count. */
export function timezoneProblem(timezone: string): Omit<Problem, 'field'> | undefined {
  const known = Intl.supportedValuesOf('timeZone');
  if (known.includes(timezone)) return undefined;
  const near = nearest(timezone, known);
  // Intl lists one name of each zone and knows the others too ("UTC", "Asia/Kolkata"), but not how they are
  // capitalised.
  const isMisspelt = near !== timezone && near?.toLowerCase() === timezone.toLowerCase();
  if (zoneForm.test(timezone) && isKnown(timezone) && !isMisspelt) return undefined;
  return {
    message: 'there is no such time zone',
    hint: near === undefined ? 'e.g. Europe/Berlin or UTC; `timedatectl list-timezones` has all' : `${near}?`,
  };
}

export function localeProblem(locale: string): Omit<Problem, 'field'> | undefined {
  if (localeForm.test(locale)) return undefined;
  return { message: 'this is not the name of a locale', hint: 'e.g. en_GB.UTF-8, de_DE.UTF-8 or C.UTF-8' };
}

/** The zone that is spelled the same but for capitals, spaces and the continent. */
function nearest(timezone: string, known: readonly string[]): string | undefined {
  const wanted = timezone.trim().toLowerCase().replaceAll(' ', '_');
  if (wanted === '') return undefined;
  if (wanted === 'utc') return 'UTC';
  return (
    known.find((zone) => zone.toLowerCase() === wanted) ??
    known.find((zone) => zone.toLowerCase().endsWith(`/${wanted}`))
  );
}

function isKnown(timezone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return true;
  } catch {
    return false;
  }
}
