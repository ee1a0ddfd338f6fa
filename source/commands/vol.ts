import { connectFlag } from './command.js';
import { commandOf } from './subcommands.js';
import { cloneVolume, createVolume, deleteVolumes, resizeVolume } from './vol-changes.js';
import { dumpVolume, listVolumes, showChain } from './vol-lists.js';
import { download, upload } from './vol-transfers.js';

const usage = `
  Usage
    $ virtdeck vol list POOL [--json]
    $ virtdeck vol create POOL NAME CAPACITY [--format F] [--allocation SIZE]
                          [--backing VOL] [--backing-format F]
    $ virtdeck vol clone POOL NAME NEWNAME [--to POOL]
    $ virtdeck vol resize POOL NAME CAPACITY [--shrink]
    $ virtdeck vol delete POOL NAME… [--force]
    $ virtdeck vol upload POOL NAME FILE [--format F]
    $ virtdeck vol download POOL NAME FILE [--force]
    $ virtdeck vol chain POOL NAME [--json]
    $ virtdeck vol dumpxml POOL NAME

  The volumes of a storage pool. Sizes as virsh takes them: 10G, 512M, 1024 (bytes); resize takes +5G as well.
  delete refuses, with their names, while a domain or another volume needs the volume.
  upload makes a new volume, reads it back and compares; what fails leaves no half volume behind.

  Options
    --format F          qcow2, raw, … (default: qcow2; upload: by the file's ending)
    --allocation SIZE   what is taken at once
    --backing VOL       the volume of the same pool, or the path, that it stands on
    --backing-format F  its format, where it cannot be known
    --to POOL           clone into another pool
    --shrink            allow a smaller size: what lies behind it is lost
    --force             delete what is used; overwrite a file
    -c, --connect URI   the host
    --json              JSON on standard output

  Exit codes
    0 done   1 failed   2 usage

  Examples
    $ virtdeck vol create default web-1.qcow2 20G --backing debian-12.qcow2
    $ virtdeck vol upload default debian-12.qcow2 ./debian-12-genericcloud-amd64.qcow2
`;

/** `virtdeck vol` */
export const vol = commandOf(
  'vol',
  {
    summary: 'list, make, copy, resize, delete and transfer volumes',
    usage,
    flags: {
      ...connectFlag,
      format: { type: 'string' },
      allocation: { type: 'string' },
      backing: { type: 'string' },
      'backing-format': { type: 'string' },
      to: { type: 'string' },
      shrink: { type: 'boolean' },
      force: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  },
  {
    list: { operands: ['POOL'], flags: ['connect', 'json'], run: listVolumes },
    create: {
      operands: ['POOL', 'NAME', 'CAPACITY'],
      flags: ['connect', 'format', 'allocation', 'backing', 'backing-format'],
      run: createVolume,
    },
    clone: { operands: ['POOL', 'NAME', 'NEWNAME'], flags: ['connect', 'to'], run: cloneVolume },
    resize: { operands: ['POOL', 'NAME', 'CAPACITY'], flags: ['connect', 'shrink'], run: resizeVolume },
    delete: { operands: ['POOL', 'NAME…'], flags: ['connect', 'force'], run: deleteVolumes },
    upload: { operands: ['POOL', 'NAME', 'FILE'], flags: ['connect', 'format'], run: upload },
    download: { operands: ['POOL', 'NAME', 'FILE'], flags: ['connect', 'force'], run: download },
    chain: { operands: ['POOL', 'NAME'], flags: ['connect', 'json'], run: showChain },
    dumpxml: { operands: ['POOL', 'NAME'], flags: ['connect'], run: dumpVolume },
  },
);
