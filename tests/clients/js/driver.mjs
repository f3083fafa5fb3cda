// AWS SDK for JavaScript v3 for the client tests: each call of every_client.py is a command (see command_line.py), `extras` what is
// typical of it.
import assert from "node:assert/strict";
import dns from "node:dns";
import { createReadStream, createWriteStream, readFileSync, statSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  CopyObjectCommand, CreateBucketCommand, DeleteObjectsCommand, GetObjectAttributesCommand, GetObjectCommand, HeadBucketCommand,
  HeadObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client, waitUntilObjectExists,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const virtualHost = process.env.SLUICE_VIRTUAL_HOST !== undefined;
const { lookup } = dns;
if (virtualHost) dns.lookup = (host, ...more) => lookup(host.endsWith(".localhost") ? "127.0.0.1" : host, ...more);
const s3 = new S3Client({ endpoint: process.env.SLUICE_URL, region: "us-east-1", forcePathStyle: !virtualHost, maxAttempts: 1 });
const [command, Bucket, ...rest] = process.argv.slice(2);

const lines = (file) => readFileSync(file, "utf8").split("\n");
const encoded = (key) => key.split("/").map(encodeURIComponent).join("/");
const put = (Key, Body, more = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key, more = {}) => s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
const text = async (Key) => (await get(Key)).Body.transformToString();
const refused = (call, name) => assert.rejects(call, (error) => error.name === name || assert.fail(`${error.name}, not ${name}`));

async function* names() {
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    for (const { Key } of page.Contents ?? []) yield Key;
  }
}

async function inTurns(items, width, call) {
  const queue = [...items];
  await Promise.all(Array.from({ length: width }, async () => {
    while (queue.length > 0) await call(queue.pop());
  }));
}

async function deleteMany(keys) {
  while (keys.length > 0) {
    const Objects = keys.splice(0, 1000).map((Key) => ({ Key }));
    const done = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.equal(done.Errors, undefined);
    assert.equal(done.Deleted.length, Objects.length);
  }
}

// lib-storage: a body whose length nobody knows, in parts of 5 MiB, each with its checksum.
async function streams() {
  const chunk = Buffer.alloc(1_000_003, "0,Ada,London\n");
  const Body = Readable.from((function* () { for (let at = 0; at < 17; at++) yield chunk; })());
  for (const ChecksumAlgorithm of ["CRC32", "SHA256", "CRC64NVME"]) {
    const body = ChecksumAlgorithm === "CRC32" ? Body : Readable.from(Buffer.concat([chunk, chunk, chunk, chunk, chunk, chunk]));
    await new Upload({ client: s3, params: { Bucket, Key: ChecksumAlgorithm, Body: body, ChecksumAlgorithm } }).done();
  }
  const back = await (await get("CRC32", { ChecksumMode: "ENABLED" })).Body.transformToByteArray();
  assert.ok(Buffer.concat(Array(17).fill(chunk)).equals(back));
  const told = await s3.send(new GetObjectAttributesCommand({ Bucket, Key: "SHA256", ObjectAttributes: ["Checksum", "ObjectParts"] }));
  assert.equal(told.Checksum.ChecksumType, "COMPOSITE");
  assert.equal(told.ObjectParts.TotalPartsCount, 2);
}

// A stream in one put: HTTP chunks around aws-chunked frames, the checksum in a trailer.
async function streamsInOnePut() {
  const body = Buffer.alloc(300_000, "x");
  await put("one-put", Readable.from([body.subarray(0, 100_000), body.subarray(100_000)]), { ContentLength: body.length, ContentEncoding: "identity" });
  const got = await get("one-put");
  assert.ok(body.equals(await got.Body.transformToByteArray()));
  assert.equal(got.ContentEncoding, "identity");
}

async function writesUnderConditions() {
  const { ETag } = await put("once", "1", { IfNoneMatch: "*" });
  await refused(put("once", "2", { IfNoneMatch: "*" }), "PreconditionFailed");
  await refused(put("once", "2", { IfMatch: '"00000000000000000000000000000000"' }), "PreconditionFailed");
  await put("once", "3", { IfMatch: ETag });
  assert.equal(await text("once"), "3");
}

async function signsLinksAndForms() {
  const toPut = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "a b+é" }), { expiresIn: 60 });
  assert.equal((await fetch(toPut, { method: "PUT", body: "by link" })).status, 200);
  const toGet = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "a b+é", ResponseContentType: "text/x" }), { expiresIn: 60 });
  const got = await fetch(toGet);
  assert.equal(got.headers.get("content-type"), "text/x");
  assert.equal(await got.text(), "by link");
  const Conditions = [["content-length-range", 1, 10], ["starts-with", "$key", "form/"]];
  const { url, fields } = await createPresignedPost(s3, { Bucket, Key: "form/${filename}", Conditions });
  const post = (content) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new Blob([content]), "up.csv");
    return fetch(url, { method: "POST", body: form });
  };
  assert.equal((await post("by form")).status, 204);
  assert.equal(await text("form/up.csv"), "by form");
  assert.match(await (await post("longer than ten")).text(), /<Code>EntityTooLarge</);
}

async function describes() {
  await put("told", "x", { ContentType: "text/csv", Metadata: { note: "first" }, Tagging: "a=1&b=2" });
  await waitUntilObjectExists({ client: s3, maxWaitTime: 10 }, { Bucket, Key: "told" });
  const told = await get("told");
  assert.equal(await told.Body.transformToString(), "x"); // unread, it would keep the connection and this process
  assert.deepEqual([told.ContentType, told.Metadata, told.TagCount, told.ContentLength], ["text/csv", { note: "first" }, 2, 1]);
  assert.ok(Date.now() - told.LastModified < 600_000);
  await refused(get("none"), "NoSuchKey");
  await refused(s3.send(new HeadObjectCommand({ Bucket, Key: "none" })), "NotFound");
  await refused(s3.send(new HeadBucketCommand({ Bucket: "absent-bucket" })), "NotFound");
}

const commands = {
  create: () => s3.send(new CreateBucketCommand({ Bucket })),
  put: (key, file) =>
    statSync(file).size > 16 << 20
      ? new Upload({ client: s3, params: { Bucket, Key: key, Body: createReadStream(file) } }).done()
      : put(key, readFileSync(file)),
  get: async (key, file) => pipeline((await get(key)).Body, createWriteStream(file)),
  range: async (key, file, first, last) => pipeline((await get(key, { Range: `bytes=${first}-${last}` })).Body, createWriteStream(file)),
  "put-many": (file) => inTurns(lines(file), 20, (key) => put(key, key)),
  names: async () => { for await (const key of names()) console.log(key); },
  copy: (source, target) => s3.send(new CopyObjectCommand({ Bucket, CopySource: `${Bucket}/${encoded(source)}`, Key: target })),
  "delete-many": (file) => deleteMany(lines(file)),
  extras: async () => {
    await streams();
    await streamsInOnePut();
    await writesUnderConditions();
    await signsLinksAndForms();
    await describes();
  },
};
await commands[command](...rest);
