"""A browser (headless Chromium): a page of another origin that puts by presigned links, in parts, and posts forms to a bucket with CORS."""

import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import unittest

import sluice

CHROMIUM = "/usr/bin/chromium"
if not os.path.exists(CHROMIUM):
    sluice.skip(f"{CHROMIUM} is not there (Debian's package chromium)")
sluice.python_of("boto3")
import boto3
from botocore.config import Config

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--no-proxy-server"]
# What a page does before the script of a test: report(value) is what the test waits for.
PAGE = """<!doctype html><meta charset="utf-8"><body><script>
const told = %s;
const report = (value) => fetch("/report", { method: "POST", body: JSON.stringify(value) });
const send = (url, options) => fetch(url, options).then(
  async (answer) => ({ status: answer.status, etag: answer.headers.get("ETag"), note: answer.headers.get("x-amz-meta-note"), body: await answer.text() }),
  () => "refused");
(async () => { %s })().catch((error) => report(String(error)));
</script>"""


class Site:
    """The page's own server; what its script reports comes out of `reports`."""

    def __init__(self):
        self.reports = queue.Queue()
        self.page = ""
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/done?"):
                    site.reports.put(self.path)
                body = site.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                site.reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Browser:
    style = "path"

    @classmethod
    def setUpClass(cls):
        cls.server = sluice.Server(*sluice.VERIFY)
        cls.addClassCleanup(cls.server.__exit__)
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        # Chromium knows by itself that bucket.localhost is this machine.
        cls.url = cls.server.url if cls.style == "path" else cls.server.url.replace("127.0.0.1", "localhost")
        connect = {"config": Config(signature_version="s3v4", s3={"addressing_style": cls.style}), "region_name": "us-east-1"}
        cls.links = boto3.client("s3", endpoint_url=cls.url, **connect)
        connect["config"] = Config(s3={"addressing_style": "path"})
        cls.s3 = boto3.client("s3", endpoint_url=cls.server.url, **connect)
        cls.s3.create_bucket(Bucket="web")

    def allow(self, *methods):
        rule = {"AllowedOrigins": [self.site.origin], "AllowedMethods": list(methods), "AllowedHeaders": ["*"],
                "ExposeHeaders": ["ETag", "x-amz-meta-note"], "MaxAgeSeconds": 60}
        self.s3.put_bucket_cors(Bucket="web", CORSConfiguration={"CORSRules": [rule]})

    def link(self, operation, **arguments):
        return self.links.generate_presigned_url(operation, {"Bucket": "web", **arguments}, ExpiresIn=300)

    def body(self, key):
        return self.s3.get_object(Bucket="web", Key=key)["Body"].read()

    def show(self, script, **told):
        """Opens the page with this script in a fresh browser; what it reports."""
        self.site.page = PAGE % (json.dumps(told), script)
        folder = tempfile.mkdtemp(prefix="sluice-browser-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        with open(os.path.join(folder, "log"), "wb") as log:
            process = subprocess.Popen([CHROMIUM, *FLAGS, f"--user-data-dir={folder}", "--remote-debugging-port=0", self.site.origin],
                                       stdout=log, stderr=log)
        try:
            return self.site.reports.get(timeout=120)
        except queue.Empty:
            with open(os.path.join(folder, "log"), errors="replace") as log:
                self.fail(f"the page reported nothing: {log.read()[-3000:]}")
        finally:
            process.terminate()
            process.wait(timeout=60)

    def test_is_kept_out_of_a_bucket_without_rules(self):
        self.s3.delete_bucket_cors(Bucket="web")
        put = self.link("put_object", Key="none", ContentType="text/csv")
        said = self.show('report(await send(told.put, { method: "PUT", body: "x", headers: { "Content-Type": "text/csv" } }))', put=put)
        self.assertEqual(said, "refused")
        self.assertEqual(self.s3.list_objects_v2(Bucket="web", Prefix="none")["KeyCount"], 0)

    def test_puts_and_gets_by_links(self):
        self.allow("PUT", "GET")
        key = "a b/é+.csv"
        links = {"put": self.link("put_object", Key=key, ContentType="text/csv", Metadata={"note": "first"}),
                 "get": self.link("get_object", Key=key), "remove": self.link("delete_object", Key=key)}
        put, got, removed = self.show("""
            const headers = { "Content-Type": "text/csv", "x-amz-meta-note": "first" };
            report([await send(told.put, { method: "PUT", body: "0,Ada", headers }), await send(told.get), await send(told.remove, { method: "DELETE" })]);
        """, **links)
        self.assertEqual((put["status"], got["status"], got["body"], got["note"]), (200, 200, "0,Ada", "first"))
        self.assertEqual(put["etag"], got["etag"])
        self.assertEqual(removed, "refused")
        self.assertEqual(self.body(key), b"0,Ada")

    def test_uploads_in_parts(self):
        self.allow("PUT")
        upload = self.s3.create_multipart_upload(Bucket="web", Key="large")["UploadId"]
        parts = [self.link("upload_part", Key="large", UploadId=upload, PartNumber=number) for number in (1, 2, 3)]
        said = self.show("""
            const file = new Blob([new Uint8Array(12 << 20).map((_, at) => at >> 10)]);
            report(await Promise.all(told.parts.map((url, at) => send(url, { method: "PUT", body: file.slice(at * (5 << 20), (at + 1) * (5 << 20)) }))));
        """, parts=parts)
        chosen = [{"PartNumber": number, "ETag": part["etag"]} for number, part in enumerate(said, 1)]
        self.s3.complete_multipart_upload(Bucket="web", Key="large", UploadId=upload, MultipartUpload={"Parts": chosen})
        self.assertTrue(self.body("large") == b"".join(bytes([at & 255]) * 1024 for at in range(12 << 10)))

    def form(self, **fields):
        conditions = [["content-length-range", 1, 1000], *({name: value} for name, value in fields.items())]
        return self.links.generate_presigned_post("web", "form/${filename}", Fields=fields, Conditions=conditions, ExpiresIn=300)

    def test_posts_a_form_by_script(self):
        self.allow("POST")
        made, refused = self.show("""
            const post = (content) => {
              const form = new FormData();
              for (const [name, value] of Object.entries(told.fields)) form.append(name, value);
              form.append("file", new Blob([content]), "up é.csv");
              return send(told.url, { method: "POST", body: form });
            };
            report([await post("by script"), await post("x".repeat(1001))]);
        """, **self.form(success_action_status="201"))
        self.assertEqual(made["status"], 201)
        self.assertIn("<Bucket>web</Bucket>", made["body"])
        self.assertEqual(self.body("form/up é.csv"), b"by script")
        self.assertIn("<Code>EntityTooLarge</Code>", refused["body"])

    def test_submits_a_form_and_comes_back(self):
        self.s3.delete_bucket_cors(Bucket="web")  # a form that navigates asks for no rules
        said = self.show("""
            const form = document.body.appendChild(Object.assign(document.createElement("form"), { method: "POST", action: told.url, enctype: "multipart/form-data" }));
            for (const [name, value] of Object.entries(told.fields)) form.append(Object.assign(document.createElement("input"), { name, value }));
            const chosen = new DataTransfer();
            chosen.items.add(new File(["by form"], "form.csv", { type: "text/csv" }));
            const file = Object.assign(document.createElement("input"), { type: "file", name: "file" });
            file.files = chosen.files;
            form.append(file);
            if (!location.search) form.submit();
        """, **self.form(success_action_redirect=self.site.origin + "/done"))
        self.assertTrue(said.startswith("/done?bucket=web&key=form%2Fform.csv&etag=%22"), said)
        self.assertEqual(self.body("form/form.csv"), b"by form")


class PathStyle(Browser, unittest.TestCase):
    pass


class VirtualHost(Browser, unittest.TestCase):
    style = "virtual"


if __name__ == "__main__":
    sluice.main()
