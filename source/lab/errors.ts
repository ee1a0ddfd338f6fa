/** A refusal as a real daemon words it: virError's number, domain and text. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly code: number;
  readonly domain: number;

  constructor(code: number, domain: number, message: string) {
    super(message);
    this.code = code;
    this.domain = domain;
  }
}

/** virErrorDomain: who refuses. */
export const From = { none: 0, rpc: 7, qemu: 10, domain: 20, storage: 18, network: 19, libvirt: 6 } as const;

type Refusal = (detail: string) => LabError;

/** libvirt's common refusals, with the prefix that its error table gives each code (src/util/virerror.c). */
export const refuse = {
  internal: (detail) => new LabError(1, From.rpc, `internal error: ${detail}`),
  noConnect: (uri) => new LabError(5, From.none, `no connection driver available for ${uri}`),
  invalidArg: (detail) => new LabError(8, From.qemu, `invalid argument: ${detail}`),
  failed: (detail) => new LabError(9, From.qemu, `operation failed: ${detail}`),
  xml: (detail) => new LabError(27, From.domain, `XML error: ${detail}`),
  readOnly: (call) =>
    new LabError(29, From.libvirt, `operation forbidden: read only access prevents ${call}`),
  rpc: (detail) => new LabError(39, From.rpc, detail),
  noDomain: (detail) => new LabError(42, From.qemu, `Domain not found: ${detail}`),
  noNetwork: (detail) => new LabError(43, From.network, `Network not found: ${detail}`),
  noPool: (detail) => new LabError(49, From.storage, `Storage pool not found: ${detail}`),
  noVolume: (detail) => new LabError(50, From.storage, `Storage volume not found: ${detail}`),
  invalid: (detail) => new LabError(55, From.qemu, `Requested operation is not valid: ${detail}`),
  noMetadata: (detail) => new LabError(80, From.domain, `metadata not found: ${detail}`),
  agentMissing: (detail) => new LabError(74, From.qemu, `argument unsupported: ${detail}`),
  agent: (detail) => new LabError(86, From.qemu, `Guest agent is not responding: ${detail}`),
} as const satisfies Record<string, Refusal>;
