import { connectFlag } from '../command.js';
import { commandOf } from '../subcommands.js';
import { showChain } from './chain.js';
import { clone, createVolume, resizeVolume } from './changes.js';
import { deleteVolumes } from './delete.js';
import { dumpVolume, listVolumes } from './lists.js';
import { download, upload } from './transfers.js';

const usage = `
  Usage
    $ virtdeck vol list POOL [--json]
    $ virtdeck vol create POOL NAME CAPACITY [--format F] [--allocation SIZE]
                          [--backing VOL] [--backing-format F] [--prealloc-metadata]
    $ virtdeck vol clone POOL NAME NEWNAME [--to POOL] [--format F] [--flatten]
                          [--prealloc-metadata] [--reflink]
    $ virtdeck vol resize POOL NAME CAPACITY [--shrink] [--force]
    $ virtdeck vol delete POOL NAME… [--force]
    $ virtdeck vol upload POOL NAME FILE [--format F] [--no-verify] [--json]
    $ virtdeck vol upload POOL NAME FILE --resume [--json]
    $ virtdeck vol download POOL NAME FILE [--resume] [--verify] [--force] [--json]
    $ virtdeck vol chain POOL NAME [--json]
    $ virtdeck vol dumpxml POOL NAME

  The volumes of a storage pool. Sizes as virsh takes them: 10G, 512M, 1024 (bytes); resize takes +5G as well.
  delete refuses, with their names, while a domain or another volume needs the volume; so does resize to a
  smaller size while a domain runs with it or a volume stands on it.

  clone makes what the original is: its encryption, mode, compat and features, sparse where it is sparse, and
  standing on the same volume; with --flatten the copy stands on nothing.

  upload makes a new volume, reads it back and compares; what fails or is cancelled leaves no half volume
  behind. Where it cannot be removed, because the connection is lost, it says so, and list marks the volume as
  incomplete; --resume goes on with it. download writes to FILE.part until it is whole; --resume goes on with
  that. A terminal shows how far it is.

  Options
    --format F          qcow2, raw, … (default: qcow2; clone: the original's; upload: by the file's ending)
    --allocation SIZE   what is taken at once
    --prealloc-metadata write all tables of a qcow2 at once
    --backing VOL       the volume of the same pool, or the path, that it stands on
    --backing-format F  its format, where it cannot be known
    --to POOL           clone into another pool
    --flatten           clone: the copy holds everything and stands on nothing
    --reflink           clone: share the blocks, where the file system can
    --shrink            allow a smaller size: what lies behind it is lost
    --force             delete or shrink what is used; overwrite a file
    --resume            go on with a transfer that ended in the middle
    --verify            download: read the volume once more and compare
    --no-verify         upload: do not read it back
    -c, --connect URI   the host
    --json              JSON on standard output; of transfers one line for each step

  Fields of JSON, sizes in bytes; what is not known is left out
    list                name, type, format, capacity, allocation, physical (the file's length), path,
                        backing (path and format of what it stands on), incomplete, and of an upload that is
                        not whole: upload (path of the file, its size, what is confirmed to be there)
    chain               pool, name, path, format, key, backing (a path); below: what it stands on, the nearest
                        first, each also with missing and ring; above: what stands on it, each with its own above
    upload, download    event progress: bytes, total, rate (bytes a second), eta (milliseconds), checking;
                        event done: pool, volume, size, sha256, and of a download path

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
    usage,
    flags: {
      ...connectFlag,
      format: { type: 'string' },
      allocation: { type: 'string' },
      backing: { type: 'string' },
      'backing-format': { type: 'string' },
      to: { type: 'string' },
      flatten: { type: 'boolean' },
      'prealloc-metadata': { type: 'boolean' },
      reflink: { type: 'boolean' },
      shrink: { type: 'boolean' },
      force: { type: 'boolean' },
      resume: { type: 'boolean' },
      verify: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  },
  {
    list: { operands: ['POOL'], flags: ['connect', 'json'], run: listVolumes },
    create: {
      operands: ['POOL', 'NAME', 'CAPACITY'],
      flags: ['connect', 'format', 'allocation', 'backing', 'backing-format', 'prealloc-metadata'],
      run: createVolume,
    },
    clone: {
      operands: ['POOL', 'NAME', 'NEWNAME'],
      flags: ['connect', 'to', 'format', 'flatten', 'prealloc-metadata', 'reflink'],
      run: clone,
    },
    resize: {
      operands: ['POOL', 'NAME', 'CAPACITY'],
      flags: ['connect', 'shrink', 'force'],
      run: resizeVolume,
    },
    delete: { operands: ['POOL', 'NAME…'], flags: ['connect', 'force'], run: deleteVolumes },
    upload: {
      operands: ['POOL', 'NAME', 'FILE'],
      flags: ['connect', 'format', 'resume', 'verify', 'json'],
      run: upload,
    },
    download: {
      operands: ['POOL', 'NAME', 'FILE'],
      flags: ['connect', 'force', 'resume', 'verify', 'json'],
      run: download,
    },
    chain: { operands: ['POOL', 'NAME'], flags: ['connect', 'json'], run: showChain },
    dumpxml: { operands: ['POOL', 'NAME'], flags: ['connect'], run: dumpVolume },
  },
);
