// AWS SDK for Java 2 for the client tests (see S3aDriver.java for how it is asked): the synchronous client, the asynchronous one with parts,
// the transfer manager, presigned links. Over plain HTTP it signs each chunk and the trailer that has the checksum.
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.BlockingInputStreamAsyncRequestBody;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectAttributes;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.transfer.s3.S3TransferManager;

public class SdkDriver {
  final URI endpoint = URI.create(System.getenv("SLUICE_URL"));
  final boolean pathStyle = System.getenv("SLUICE_VIRTUAL_HOST") == null;
  final S3Client s3 = S3Client.builder().endpointOverride(endpoint).region(Region.US_EAST_1).forcePathStyle(pathStyle)
      .overrideConfiguration(change -> change.retryStrategy(retries -> retries.maxAttempts(1))).build();
  final S3AsyncClient async = S3AsyncClient.builder().endpointOverride(endpoint).region(Region.US_EAST_1).forcePathStyle(pathStyle)
      .multipartEnabled(true).multipartConfiguration(parts -> parts.minimumPartSizeInBytes(8L << 20).thresholdInBytes(16L << 20)).build();
  final S3TransferManager transfers = S3TransferManager.builder().s3Client(async).build();

  static void expect(boolean holds, String what) {
    if (!holds) throw new AssertionError("not so: " + what);
  }

  static void refused(String code, Runnable call) {
    try {
      call.run();
    } catch (S3Exception error) {
      expect(error.awsErrorDetails().errorCode().equals(code), code + ", not " + error.awsErrorDetails().errorCode());
      return;
    }
    throw new AssertionError(code + " was expected");
  }

  void put(String bucket, String key, byte[] body, Consumer<PutObjectRequest.Builder> more) {
    s3.putObject(request -> more.accept(request.bucket(bucket).key(key)), RequestBody.fromBytes(body));
  }

  void put(String bucket, String key, String body) {
    put(bucket, key, body.getBytes(StandardCharsets.UTF_8), request -> {});
  }

  ResponseBytes<GetObjectResponse> get(String bucket, String key) {
    return s3.getObjectAsBytes(request -> request.bucket(bucket).key(key).checksumMode(ChecksumMode.ENABLED));
  }

  void range(String bucket, String key, Path to, String first, String last) throws IOException {
    Files.write(to, s3.getObjectAsBytes(request -> request.bucket(bucket).key(key).range("bytes=" + first + "-" + last)).asByteArray());
  }

  void putMany(String bucket, List<String> keys) throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(8);
    for (var one : keys.stream().map(key -> workers.submit(() -> put(bucket, key, key))).toList()) one.get();
    workers.shutdown();
  }

  void deleteMany(String bucket, List<String> keys) {
    for (int at = 0; at < keys.size(); at += 1000) {
      List<ObjectIdentifier> some = keys.subList(at, Math.min(at + 1000, keys.size())).stream()
          .map(key -> ObjectIdentifier.builder().key(key).build()).toList();
      var done = s3.deleteObjects(request -> request.bucket(bucket).delete(chosen -> chosen.objects(some)));
      expect(!done.hasErrors() && done.deleted().size() == some.size(), "all are deleted");
    }
  }

  // Each algorithm in a signed trailer, and what is told of it afterwards.
  void sendsChecksums(String bucket) {
    byte[] body = "0,Ada,London\n".repeat(20_000).getBytes();
    for (ChecksumAlgorithm algorithm : List.of(ChecksumAlgorithm.CRC32, ChecksumAlgorithm.CRC32_C, ChecksumAlgorithm.SHA1, ChecksumAlgorithm.SHA256)) {
      put(bucket, "sum/" + algorithm, body, request -> request.checksumAlgorithm(algorithm).contentEncoding("identity"));
      var back = get(bucket, "sum/" + algorithm);
      expect(Arrays.equals(back.asByteArray(), body), "the bytes");
      expect("identity".equals(back.response().contentEncoding()), "aws-chunked is gone: " + back.response().contentEncoding());
    }
    refused("BadDigest", () -> put(bucket, "bad", body, request -> request.checksumCRC32("AAAAAA==")));
    refused("NoSuchKey", () -> get(bucket, "bad"));
  }

  // A body whose length nobody knows: parts as it comes. And the same in one put of known length.
  void streams(String bucket) {
    byte[] body = new byte[21 << 20];
    for (int at = 0; at < body.length; at++) body[at] = (byte) (at >> 7);
    BlockingInputStreamAsyncRequestBody stream = AsyncRequestBody.forBlockingInputStream(null);
    var done = async.putObject(request -> request.bucket(bucket).key("stream"), stream);
    stream.writeInputStream(new ByteArrayInputStream(body));
    expect(done.join().eTag() != null, "put in parts");
    expect(Arrays.equals(async.getObject(request -> request.bucket(bucket).key("stream"), AsyncResponseTransformer.toBytes()).join().asByteArray(), body),
        "the stream came back");
    var told = s3.getObjectAttributes(request -> request.bucket(bucket).key("stream")
        .objectAttributes(ObjectAttributes.OBJECT_SIZE, ObjectAttributes.OBJECT_PARTS, ObjectAttributes.E_TAG));
    expect(told.objectSize() == body.length && told.objectParts().totalPartsCount() == 3, "three parts");
    s3.putObject(request -> request.bucket(bucket).key("one put"), RequestBody.fromContentProvider(() -> new ByteArrayInputStream(body), body.length, "x/y"));
    expect(Arrays.equals(get(bucket, "one put").asByteArray(), body), "in one put");
    transfers.copy(request -> request.copyObjectRequest(copy -> copy.sourceBucket(bucket).sourceKey("stream").destinationBucket(bucket)
        .destinationKey("copied"))).completionFuture().join();
    expect(Arrays.equals(get(bucket, "copied").asByteArray(), body), "copied in parts");
  }

  void writesUnderConditions(String bucket) {
    put(bucket, "once", "1".getBytes(), request -> request.ifNoneMatch("*"));
    refused("PreconditionFailed", () -> put(bucket, "once", "2".getBytes(), request -> request.ifNoneMatch("*")));
    String etag = s3.headObject(request -> request.bucket(bucket).key("once")).eTag();
    put(bucket, "once", "3".getBytes(), request -> request.ifMatch(etag));
    refused("PreconditionFailed", () -> put(bucket, "once", "4".getBytes(), request -> request.ifMatch(etag)));
    expect(get(bucket, "once").asUtf8String().equals("3"), "the write on the ETag that was there");
  }

  void signsLinks(String bucket) throws IOException {
    try (S3Presigner presigner = S3Presigner.builder().endpointOverride(endpoint).region(Region.US_EAST_1)
             .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(pathStyle).build()).build()) {
      var put = presigner.presignPutObject(link -> link.signatureDuration(Duration.ofMinutes(1))
          .putObjectRequest(request -> request.bucket(bucket).key("a b+é").contentType("text/csv")));
      HttpURLConnection sent = (HttpURLConnection) put.url().openConnection();
      sent.setRequestMethod("PUT");
      sent.setRequestProperty("Content-Type", "text/csv");
      sent.setDoOutput(true);
      sent.getOutputStream().write("by link".getBytes());
      expect(sent.getResponseCode() == 200, "PUT by a link: " + sent.getResponseCode());
      URL get = presigner.presignGetObject(link -> link.signatureDuration(Duration.ofMinutes(1))
          .getObjectRequest(request -> request.bucket(bucket).key("a b+é").responseContentType("text/x"))).url();
      HttpURLConnection got = (HttpURLConnection) get.openConnection();
      expect(new String(got.getInputStream().readAllBytes()).equals("by link") && got.getContentType().equals("text/x"), "GET by a link");
    }
  }

  void describes(String bucket) {
    put(bucket, "told", "x".getBytes(), request -> request.metadata(Map.of("note", "first")).tagging("a=1&b=2").cacheControl("no-cache"));
    s3.waiter().waitUntilObjectExists(request -> request.bucket(bucket).key("told"));
    var told = s3.headObject(request -> request.bucket(bucket).key("told"));
    expect(told.metadata().equals(Map.of("note", "first")) && told.cacheControl().equals("no-cache"), "what was told");
    expect(s3.getObjectTagging(request -> request.bucket(bucket).key("told")).tagSet().size() == 2, "two tags");
    try {
      s3.headObject(request -> request.bucket(bucket).key("none"));
      throw new AssertionError("an object that is not there");
    } catch (NoSuchKeyException expected) {
      expect(expected.statusCode() == 404, "404");
    }
    refused("NoSuchBucket", () -> put("absent-bucket", "k", "x".repeat(5_000_000)));
  }

  void answer(String[] words) throws Exception {
    String bucket = words[1];
    String key = words.length > 2 ? words[2] : "";
    Path file = words.length > 3 ? Path.of(words[3]) : null;
    switch (words[0]) {
      case "create" -> s3.createBucket(request -> request.bucket(bucket));
      case "put" -> transfers.uploadFile(request -> request.source(file).putObjectRequest(put -> put.bucket(bucket).key(key))).completionFuture().join();
      case "get" -> {
        Files.deleteIfExists(file);
        s3.getObject(request -> request.bucket(bucket).key(key), file);
      }
      case "range" -> range(bucket, key, file, words[4], words[5]);
      case "put-many" -> putMany(bucket, Files.readAllLines(Path.of(key)));
      case "names" -> s3.listObjectsV2Paginator(request -> request.bucket(bucket)).contents().forEach(object -> System.out.println(object.key()));
      case "copy" -> s3.copyObject(request -> request.sourceBucket(bucket).sourceKey(key).destinationBucket(bucket).destinationKey(words[3]));
      case "delete-many" -> deleteMany(bucket, Files.readAllLines(Path.of(key)));
      case "extras" -> {
        sendsChecksums(bucket);
        streams(bucket);
        writesUnderConditions(bucket);
        signsLinks(bucket);
        describes(bucket);
      }
      default -> throw new IllegalArgumentException("unknown: " + words[0]);
    }
  }

  public static void main(String[] none) throws IOException {
    SdkDriver driver = new SdkDriver();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        driver.answer(line.split("\t"));
        System.out.println("done");
      } catch (Throwable error) { // told to the test, which fails
        error.printStackTrace();
        System.out.println("failed: " + error);
      }
      System.out.flush();
    }
    System.exit(0); // the asynchronous client has threads
  }
}
