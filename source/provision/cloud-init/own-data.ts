import type { Problem } from './request.js';
import { parseYaml } from './strict-yaml.js';

/** Forms of user-data by how they begin, the longest first (cloudinit/handlers/__init__.py). */
const beginnings = [
  ['## template: jinja', 'jinja'],
  ['#cloud-config-archive', 'archive'],
  ['#cloud-config-jsonp', 'jsonp'],
  ['#cloud-config', 'cloud-config'],
  ['#cloud-boothook', 'boothook'],
  ['#part-handler', 'part-handler'],
  ['#include-once', 'include'],
  ['#include', 'include'],
  ['#!', 'script'],
] as const;

export type OwnDataKind = (typeof beginnings)[number][1] | 'mime';

const headerHint =
  'its first line is "#cloud-config", "#!/bin/sh", "#include", "## template: jinja" or MIME headers';

/** The form that cloud-init takes it for; undefined where it would ignore it. */
export function ownDataKind(text: string): OwnDataKind | undefined {
  if (isMime(text)) return 'mime';
  const start = text.trimStart().slice(0, 40).toLowerCase();
  return beginnings.find(([beginning]) => start.startsWith(beginning))?.[1];
}

/**
 * cloud-init takes everything for MIME that has this header's name in its first 4096 bytes
 * (cloudinit/user_data.py, convert_string).
 */
export function isMime(text: string): boolean {
  return Buffer.from(text).subarray(0, 4096).toString('latin1').toLowerCase().includes('mime-version:');
}

/** What is wrong with a person's own user-data or vendor-data. */
export function ownDataProblems(field: string, text: string): Problem[] {
  if (text.trim() === '') return [{ field, message: 'the file is empty' }];
  if (text.includes('\0')) return [{ field, message: 'the file is no text', hint: headerHint }];
  // What reading the file has put in place of other bytes.
  if (/\ufffd|\p{Cs}/u.test(text)) {
    return [{ field, message: 'the file is not in UTF-8', hint: 'cloud-init reads nothing else' }];
  }
  if (text.startsWith('\ufeff')) {
    return [
      { field, message: 'the file begins with a byte order mark', hint: 'save it as UTF-8 without one' },
    ];
  }
  const kind = ownDataKind(text);
  if (kind === undefined) {
    return [{ field, message: 'cloud-init does not know what this file is', hint: headerHint }];
  }
  return bodyProblems[kind](text).map((problem) => ({ field, ...problem }));
}

/** What a #cloud-config says; undefined for every other form, and where it cannot be read. */
export function ownConfig(text: string): Readonly<Record<string, unknown>> | undefined {
  if (ownDataKind(text) !== 'cloud-config') return undefined;
  const { value } = parseYaml(text);
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

type Reason = Omit<Problem, 'field'>;

const bodyProblems: Readonly<Record<OwnDataKind, (text: string) => readonly Reason[]>> = {
  'cloud-config': (text) => documentProblems(text, '#cloud-config', 'mapping'),
  archive: (text) => documentProblems(text, '#cloud-config-archive', 'list'),
  jsonp: (text) => documentProblems(text, '#cloud-config-jsonp', 'list'),
  script: scriptProblems,
  boothook: () => [],
  'part-handler': () => [],
  include: includeProblems,
  jinja: jinjaProblems,
  mime: mimeProblems,
};

function documentProblems(text: string, header: string, wanted: 'mapping' | 'list'): readonly Reason[] {
  const body = text.trimStart();
  // "#cloud-config: x" and "#Cloud-Config" are read by some versions and not by others.
  if (!body.startsWith(header) || !/^\s|^$/.test(body.slice(header.length))) {
    return [{ message: `the first line is not "${header}" alone`, hint: 'nothing else may be on it' }];
  }
  const { value, problem } = parseYaml(text);
  if (problem !== undefined) return [{ message: `this is no valid YAML: ${problem}` }];
  const found = Array.isArray(value)
    ? 'list'
    : typeof value === 'object' && value !== null
      ? 'mapping'
      : 'else';
  if (found === wanted) return [];
  const hint = wanted === 'mapping' ? 'e.g. "packages: [vim]"' : 'its entries begin with "- "';
  return [{ message: `${header} is not followed by a ${wanted}`, hint }];
}

function scriptProblems(text: string): readonly Reason[] {
  const [first = ''] = text.trimStart().split('\n');
  if (first.endsWith('\r')) {
    return [
      {
        message: 'the script has line ends of Windows: its interpreter would not be found',
        hint: '`dos2unix` mends that',
      },
    ];
  }
  return /^#!\s*\//.test(first)
    ? []
    : [{ message: 'the script names no interpreter', hint: 'its first line is e.g. "#!/bin/sh"' }];
}

function includeProblems(text: string): readonly Reason[] {
  const urls = text
    .split('\n')
    .map((line) => line.replace(/^#include(?:-once)?/i, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (urls.length === 0) return [{ message: 'nothing is included', hint: 'one URL a line' }];
  const wrong = urls.findIndex((url) => !/^(?:https?|file):\/\/\S+$/.test(url));
  return wrong === -1 ? [] : [{ message: `entry ${wrong + 1} of the include is no URL` }];
}

function jinjaProblems(text: string): readonly Reason[] {
  const [, second = ''] = text.trimStart().split('\n');
  const kind = ownDataKind(second);
  return kind !== undefined && kind !== 'jinja'
    ? []
    : [
        {
          message: 'the line behind "## template: jinja" is not that of a form',
          hint: 'e.g. "#cloud-config"',
        },
      ];
}

function mimeProblems(text: string): readonly Reason[] {
  const [headers = ''] = text.split(/\r?\n\r?\n/, 1);
  const boundary = /^content-type:\s*multipart\/[\s\S]*?boundary="?([^"\s;]+)/im.exec(headers)?.[1];
  if (!/^[\w-]+:/.test(text)) {
    return [
      {
        message: 'cloud-init takes this for MIME, because "MIME-Version:" is near its beginning',
        hint: 'MIME begins with its headers; else write that word in another way',
      },
    ];
  }
  if (boundary === undefined) return [{ message: 'the MIME headers name no multipart boundary' }];
  return text.includes(`\n--${boundary}`) ? [] : [{ message: 'the MIME archive has no part' }];
}
