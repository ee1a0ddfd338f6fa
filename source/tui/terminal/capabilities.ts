/** What the terminal can show, decided once at start from the environment. */
export interface Capabilities {
  /** Symbols beyond ASCII are safe to print. */
  readonly unicode: boolean;
  /** 0: no colour at all (NO_COLOR, monochrome terminal); 16: the terminal's own palette. */
  readonly colors: 0 | 16;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the capabilities from LC_ALL, LC_CTYPE, LANG, NO_COLOR and TERM, as other terminal programs do. */
export function detectCapabilities(environment: Environment): Capabilities {
  return { unicode: isUtf8(environment), colors: hasColor(environment) ? 16 : 0 };
}

/** POSIX: the first of the three that is set and not empty decides. */
function isUtf8(environment: Environment): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return /utf-?8/i.test(locale);
}

/** https://no-color.org: present and not empty means no colour, whatever the value. */
function hasColor(environment: Environment): boolean {
  if (environment.NO_COLOR) return false;
  return !/^(dumb|vt\d+.*|.*-m|.*-mono)$/.test(environment.TERM ?? '');
}
