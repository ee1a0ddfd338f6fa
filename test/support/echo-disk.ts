import { chown, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A disk whose boot sector sends back every byte that it gets on the first serial port: a guest that somebody can
 * talk to. At its start and after Enter it says `ready`, and leaves the terminal in a mess: green, the cursor hidden,
 * the mouse asked for. `q` powers it off. For machine type `pc`, as `makeBootDisk`.
 *
 * @returns path of the raw image, 64 KiB
 */
export async function makeEchoDisk(folder: string, name: string): Promise<string> {
  const disk = join(folder, `${name}.img`);
  const image = Buffer.alloc(65_536);
  image.set(sector());
  await writeFile(disk, image);
  const { uid, gid } = await stat(folder);
  await chown(disk, uid, gid);
  return disk;
}

function sector(): Buffer {
  const code = [
    ...[0x31, 0xc0], // xor ax, ax
    ...[0x8e, 0xd8], // mov ds, ax
    ...[0xbe, 0x48, 0x7c], // greet: mov si, text
    ...[0xba, 0xf8, 0x03], // mov dx, 0x3f8      ; COM1
    0xac, // print: lodsb
    ...[0x84, 0xc0], // test al, al
    ...[0x74, 0x03], // jz printed
    0xee, // out dx, al
    ...[0xeb, 0xf8], // jmp print
    0xfb, // printed: sti
    ...[0xba, 0xfd, 0x03], // look: mov dx, 0x3fd ; its line status
    0xec, // in al, dx
    ...[0xa8, 0x01], // test al, 1               ; a byte is there
    ...[0x75, 0x03], // jnz got
    0xf4, // hlt                                 ; until the timer's next interrupt, 18 times a second
    ...[0xeb, 0xf5], // jmp look
    ...[0xba, 0xf8, 0x03], // got: mov dx, 0x3f8
    0xec, // in al, dx
    ...[0x3c, 0x0d], // cmp al, '\r'
    ...[0x74, 0xde], // je greet
    ...[0x3c, 0x71], // cmp al, 'q'
    ...[0x74, 0x03], // je off
    0xee, // out dx, al
    ...[0xeb, 0xe6], // jmp look
    ...[0xba, 0x04, 0x06], // off: mov dx, 0x604 ; PM1_CNT
    ...[0xb8, 0x00, 0x20], // mov ax, 0x2000     ; SLP_EN, type 0: S5
    0xef, // out dx, ax
    ...[0xeb, 0xfe], // jmp $
  ];
  const boot = Buffer.alloc(512);
  boot.set(code);
  boot.write('ready\r\n\u001b[?25l\u001b[?1003h\u001b[32m\0', 0x48, 'latin1');
  boot.set([0x55, 0xaa], 510);
  if (code.length > 0x48) throw new Error('the code runs into its text');
  return boot;
}
