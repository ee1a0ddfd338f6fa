import { defaultSettings, type Settings } from '../../settings/settings.js';

/** What the terminal can show, decided once at start from the environment. */
export interface Capabilities {
  /** Symbols beyond ASCII are safe to print. */
  readonly unicode: boolean;
  /** 0: no colour at all (NO_COLOR, monochrome terminal); 16: the terminal's own palette. */
  readonly colors: 0 | 16;
  /** The background is light: colours that are pale on it are not used. */
  readonly light?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the capabilities from LC_ALL, LC_CTYPE, LANG, NO_COLOR and TERM, as other terminal programs do; what
 * the settings say goes before it, except that NO_COLOR is never overruled.
 */
export function detectCapabilities(
  environment: Environment,
  { theme, symbols }: Pick<Settings, 'theme' | 'symbols'> = defaultSettings,
): Capabilities {
  const colors = theme !== 'mono' && !environment.NO_COLOR && (theme !== 'auto' || hasColor(environment));
  return {
    unicode: symbols === 'auto' ? isUtf8(environment) : symbols === 'unicode',
    colors: colors ? 16 : 0,
    light: theme === 'light',
  };
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
