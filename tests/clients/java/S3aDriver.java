// Hadoop's S3A for the client tests: each call of every_client.py is a line of tabbed words on standard input (see command_line.py),
// `extras` and `commit` what is typical of it. One source for Hadoop 3.3 (AWS SDK version 1) and 3.4 (version 2).
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileRange;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.RemoteFileChangedException;
import org.apache.hadoop.fs.s3a.s3guard.S3GuardTool;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.JobID;
import org.apache.hadoop.mapreduce.Mapper;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.lib.input.FileInputFormat;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitterFactory;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;

public class S3aDriver {
  static Configuration configuration(String bucket) {
    Configuration made = new Configuration();
    String url = System.getenv("SLUICE_URL");
    boolean virtualHost = System.getenv("SLUICE_VIRTUAL_HOST") != null;
    made.set("fs.defaultFS", "file:///");
    made.set("hadoop.tmp.dir", System.getenv("SLUICE_FOLDER") + "/hadoop");
    made.set("fs.s3a.endpoint", url);
    made.set("fs.s3a.endpoint.region", "us-east-1");
    made.setBoolean("fs.s3a.path.style.access", !virtualHost);
    made.setBoolean("fs.s3a.connection.ssl.enabled", false);
    made.set("fs.s3a.access.key", System.getenv("AWS_ACCESS_KEY_ID"));
    made.set("fs.s3a.secret.key", System.getenv("AWS_SECRET_ACCESS_KEY"));
    made.set("fs.s3a.multipart.size", "8M");
    made.set("fs.s3a.multipart.threshold", "16M");
    made.setInt("fs.s3a.attempts.maximum", 1);
    made.setInt("fs.s3a.retry.limit", 1);
    made.setInt("fs.s3a.bucket.probe", 2);
    made.setBoolean("fs.s3a.etag.checksum.enabled", true);
    made.set("mapreduce.outputcommitter.factory.scheme.s3a", "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory");
    made.setBoolean("fs.s3a.committer.magic.enabled", true);
    return made;
  }

  final Configuration configuration;
  final Path root;
  final FileSystem s3;

  S3aDriver(String bucket) throws IOException {
    configuration = configuration(bucket);
    root = new Path("s3a://" + bucket + "/");
    s3 = FileSystem.get(root.toUri(), configuration);
  }

  Path path(String key) {
    return new Path(root.toUri().getScheme(), root.toUri().getAuthority(), "/" + key);
  }

  static void expect(boolean holds, String what) {
    if (!holds) throw new AssertionError("not so: " + what);
  }

  interface Call {
    void run() throws Exception;
  }

  static void refused(Class<? extends Exception> kind, Call call) throws Exception {
    try {
      call.run();
    } catch (Exception error) {
      if (kind.isInstance(error)) return;
      throw error;
    }
    throw new AssertionError(kind + " was expected");
  }

  void put(Path to, byte[] body) throws IOException {
    try (OutputStream stream = s3.create(to, true)) {
      stream.write(body);
    }
  }

  byte[] get(Path from) throws IOException {
    try (InputStream stream = s3.open(from)) {
      return stream.readAllBytes();
    }
  }

  byte[] range(Path from, long first, int length) throws IOException {
    byte[] back = new byte[length];
    try (FSDataInputStream stream = s3.open(from)) {
      stream.readFully(first, back);
    }
    return back;
  }

  List<String> names(Path below) throws IOException {
    List<String> found = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> files = s3.listFiles(below, true);
    while (files.hasNext()) found.add(files.next().getPath().toUri().getPath().substring(1));
    return found;
  }

  static List<String> lines(String file) throws IOException {
    return Files.readAllLines(Paths.get(file));
  }

  void putMany(List<String> keys) throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(8);
    List<Future<?>> running = new ArrayList<>();
    for (String key : keys) running.add(workers.submit(() -> { put(path(key), key.getBytes(StandardCharsets.UTF_8)); return null; }));
    for (Future<?> one : running) one.get();
    workers.shutdown();
  }

  // DeleteObjects is what deletes a folder; single files it deletes one by one.
  void deleteMany(List<String> keys) throws IOException {
    TreeSet<String> kept = new TreeSet<>(names(root));
    kept.removeAll(new TreeSet<>(keys));
    for (String key : kept) s3.rename(path(key), path("kept"));
    expect(s3.delete(path("many"), true), "the folder is deleted");
    for (String key : kept) {
      s3.mkdirs(path(key).getParent());
      s3.rename(path("kept"), path(key));
    }
  }

  void movesFolders() throws Exception {
    put(path("tree/a/one"), "1".getBytes());
    put(path("tree/b c/é=%"), "2".getBytes());
    s3.mkdirs(path("tree/empty/inner"));
    expect(s3.getFileStatus(path("tree/empty")).isDirectory(), "a folder that holds only a folder");
    expect(s3.listStatus(path("tree")).length == 3, "three folders");
    expect(s3.rename(path("tree"), path("moved")), "renamed");
    expect(!s3.exists(path("tree")) && s3.getFileStatus(path("moved/empty/inner")).isDirectory(), "all of it moved");
    expect(new String(get(path("moved/b c/é=%"))).equals("2"), "with its content");
    expect(s3.getContentSummary(path("moved")).getFileCount() == 2, "two files");
    refused(FileNotFoundException.class, () -> s3.open(path("tree/a/one")).read());
    refused(IOException.class, () -> s3.delete(path("moved"), false));
    expect(s3.delete(path("moved"), true) && !s3.exists(path("moved")), "deleted");
    expect(!s3.delete(path("moved"), true), "there is nothing left to delete");
  }

  void createsOnlyWhatIsNew() throws Exception {
    s3.create(path("once"), false).close();
    refused(FileAlreadyExistsException.class, () -> s3.create(path("once"), false).close());
    refused(FileAlreadyExistsException.class, () -> s3.mkdirs(path("once")));
    String etag = s3.getFileChecksum(path("once")).toString();
    expect(etag.contains("d41d8cd98f00b204e9800998ecf8427e"), "the ETag of nothing: " + etag);
    byte[] length = s3.getXAttr(path("once"), "header.Content-Length");
    expect(new String(length).equals("0"), "a header as an attribute");
  }

  // If-None-Match: * on a put or the end of an upload (S3A 3.4.2 and later): of two that write the same path, the second is told.
  void createsUnderConditions() throws Exception {
    for (int size : new int[] {1, 20 << 20}) createsUnderCondition(path("conditional" + size), size);
  }

  void createsUnderCondition(Path to, int size) throws Exception {
    String condition = "fs.option.create.conditional.overwrite";
    OutputStream first = (OutputStream) s3.createFile(to).overwrite(false).opt(condition, true).build();
    OutputStream second = (OutputStream) s3.createFile(to).overwrite(false).opt(condition, true).build();
    byte[] body = new byte[size];
    first.write(body);
    Arrays.fill(body, (byte) 2);
    second.write(body);
    first.close();
    refused(IOException.class, second::close);
    expect(get(to)[0] == 0, "the first write stands");
    expect(openUploads() == 0, "the upload of the second is aborted");
  }

  // Many ranges at once, as ORC and Parquet ask for them; the file changes while it is read.
  void readsVectors() throws Exception {
    byte[] body = new byte[3 << 20];
    for (int at = 0; at < body.length; at++) body[at] = (byte) (at * 31 >> 3);
    put(path("vector"), body);
    List<FileRange> ranges = new ArrayList<>();
    for (int number = 0; number < 12; number++) ranges.add(FileRange.createFileRange(number * 250_000L, 1000 + number));
    try (FSDataInputStream stream = s3.open(path("vector"))) {
      stream.readVectored(ranges, ByteBuffer::allocate);
      for (FileRange range : ranges) {
        byte[] back = new byte[range.getLength()];
        range.getData().get().get(back);
        int first = (int) range.getOffset();
        expect(Arrays.equals(back, Arrays.copyOfRange(body, first, first + range.getLength())), "the bytes of " + range);
      }
    }
    Configuration uncached = new Configuration(configuration);
    uncached.set("fs.s3a.input.stream.type", "classic");
    try (FileSystem classic = FileSystem.newInstance(root.toUri(), uncached);
         FSDataInputStream stream = classic.open(path("vector"))) {
      stream.seek(2 << 20);
      stream.read();
      put(path("vector"), new byte[3 << 20]);
      // A seek back asks anew, with If-Match: another ETag is another file.
      refused(RemoteFileChangedException.class, () -> { stream.seek(0); stream.read(); });
    }
  }

  int openUploads() throws Exception {
    Configuration quiet = new Configuration(configuration);
    try {
      S3GuardTool.run(quiet, "uploads", "-expect", "0", root.toString());
      return 0;
    } catch (org.apache.hadoop.util.ExitUtil.ExitException other) {
      return 1;
    }
  }

  // A job of three tasks as YARN would run it: one attempt dies, one is aborted, the job commits (or aborts).
  class Work {
    final Path output;
    final Configuration own = new Configuration(configuration);
    final JobID job = new JobID("202601010000", 1);

    Work(String committer, String folder) {
      output = path(folder);
      own.set("fs.s3a.committer.name", committer);
      own.set("fs.s3a.committer.staging.tmp.path", "file://" + System.getenv("SLUICE_FOLDER") + "/pending");
      own.set("fs.s3a.buffer.dir", System.getenv("SLUICE_FOLDER") + "/buffer");
      own.set("fs.s3a.committer.staging.conflict-mode", "replace");
      own.setBoolean("fs.s3a.committer.staging.unique-filenames", false);
      own.set("mapreduce.job.id", job.toString());
      own.set("fs.s3a.committer.uuid", "1234-" + committer + "-" + folder.replace('/', '-'));
      own.set(FileOutputFormat.OUTDIR, output.toString());
    }

    TaskAttemptContext attempt(int task, int number) {
      TaskAttemptID id = new TaskAttemptID(new TaskID(job, TaskType.MAP, task), number);
      Configuration of = new Configuration(own);
      of.set("mapreduce.task.attempt.id", id.toString());
      of.set("mapreduce.task.id", id.getTaskID().toString());
      of.setInt("mapreduce.job.application.attempt.id", 0);
      return new TaskAttemptContextImpl(of, id);
    }

    PathOutputCommitter committer(TaskAttemptContext of) throws IOException {
      return PathOutputCommitterFactory.getCommitterFactory(output, of.getConfiguration()).createOutputCommitter(output, of);
    }

    PathOutputCommitter write(TaskAttemptContext attempt, byte[] body) throws IOException {
      PathOutputCommitter made = committer(attempt);
      made.setupTask(attempt);
      Path to = new Path(made.getWorkPath(), String.format("part-%05d", attempt.getTaskAttemptID().getTaskID().getId()));
      try (OutputStream stream = to.getFileSystem(own).create(to)) {
        stream.write(body);
      }
      return made;
    }

    void commitTask(int task, int number, byte[] body) throws IOException {
      TaskAttemptContext attempt = attempt(task, number);
      PathOutputCommitter made = write(attempt, body);
      expect(made.needsTaskCommit(attempt), "there is something to commit");
      made.commitTask(attempt);
    }
  }

  void commit(String committer) throws Exception {
    byte[] large = new byte[20 << 20];
    Arrays.fill(large, (byte) 'x');
    put(path("job/old"), "of the job before".getBytes());
    Work work = new Work(committer, "job");
    TaskAttemptContext first = work.attempt(0, 0);
    PathOutputCommitter whole = work.committer(first);
    whole.setupJob(first);
    PathOutputCommitter failing = work.write(first, "of an attempt that failed".getBytes());
    failing.abortTask(first);
    work.commitTask(0, 1, "0,Ada\n".getBytes());
    work.commitTask(1, 0, large);
    work.write(work.attempt(2, 0), "of an attempt that never ended".getBytes());
    work.commitTask(2, 1, new byte[0]);
    expect(!s3.exists(path("job/part-00000")), "nothing is seen before the job commits");
    whole.commitJob(first);
    TreeSet<String> expected = new TreeSet<>(List.of("job/_SUCCESS", "job/part-00000", "job/part-00001", "job/part-00002"));
    if (committer.equals("magic")) expected.add("job/old");
    TreeSet<String> found = new TreeSet<>(names(path("job")));
    expect(found.equals(expected), "the output is " + expected + ": " + found);
    expect(new String(get(path("job/part-00000"))).equals("0,Ada\n"), "part 0");
    expect(Arrays.equals(get(path("job/part-00001")), large), "part 1");
    expect(get(path("job/part-00002")).length == 0, "part 2");
    String told = new String(get(path("job/_SUCCESS")), StandardCharsets.UTF_8);
    expect(told.replace(" ", "").contains("\"committer\":\"" + committer) && told.contains("part-00001"), "who committed what: " + told);
    expect(openUploads() == 0, "no upload is left open");
    abort(committer);
    runJob(committer);
  }

  void abort(String committer) throws Exception {
    Work work = new Work(committer, "given up");
    TaskAttemptContext first = work.attempt(0, 0);
    PathOutputCommitter whole = work.committer(first);
    whole.setupJob(first);
    work.commitTask(0, 0, new byte[9 << 20]);
    work.commitTask(1, 0, "1".getBytes());
    whole.abortJob(first, org.apache.hadoop.mapreduce.JobStatus.State.FAILED);
    expect(!s3.exists(path("given up/part-00000")), "an aborted job leaves no file");
    expect(openUploads() == 0, "nor an open upload");
  }

  public static class UpperCase extends Mapper<LongWritable, Text, Text, NullWritable> {
    @Override
    protected void map(LongWritable at, Text line, Context context) throws IOException, InterruptedException {
      context.write(new Text(line.toString().toUpperCase()), NullWritable.get());
    }
  }

  // MapReduce itself, in this process, from S3 to S3.
  void runJob(String committer) throws Exception {
    for (int number = 0; number < 3; number++) put(path("in/" + number + ".csv"), (number + ",Ada\n").repeat(1000).getBytes());
    Job job = Job.getInstance(new Work(committer, "out").own, "upper case");
    job.getConfiguration().unset("fs.s3a.committer.uuid");
    job.getConfiguration().unset("mapreduce.job.id");
    job.setMapperClass(UpperCase.class);
    job.setNumReduceTasks(2);
    job.setOutputKeyClass(Text.class);
    job.setOutputValueClass(NullWritable.class);
    FileInputFormat.addInputPath(job, path("in"));
    FileOutputFormat.setOutputPath(job, path("out"));
    expect(job.waitForCompletion(false), "the job went well");
    StringBuilder all = new StringBuilder();
    for (FileStatus file : s3.globStatus(path("out/part-*"))) all.append(new String(get(file.getPath()), StandardCharsets.UTF_8));
    expect(all.toString().lines().filter("2,ADA"::equals).count() == 1000 && all.length() == 18_000, "what it wrote");
    expect(openUploads() == 0, "no upload is left open");
  }

  void answer(String[] words) throws Exception {
    String key = words.length > 2 ? words[2] : "";
    switch (words[0]) {
      case "put" -> put(path(key), Files.readAllBytes(Paths.get(words[3])));
      case "get" -> Files.write(Paths.get(words[3]), get(path(key)));
      case "range" -> {
        long first = Long.parseLong(words[4]);
        Files.write(Paths.get(words[3]), range(path(key), first, (int) (Long.parseLong(words[5]) + 1 - first)));
      }
      case "put-many" -> putMany(lines(key));
      case "names" -> names(root).forEach(System.out::println);
      case "copy" -> expect(s3.rename(path(key), path(words[3])), "renamed"); // a copy, and the source is deleted
      case "delete-many" -> deleteMany(lines(key));
      case "commit" -> commit(key);
      case "extras" -> {
        movesFolders();
        createsOnlyWhatIsNew();
        if (!org.apache.hadoop.util.VersionInfo.getVersion().startsWith("3.3.")) createsUnderConditions();
        readsVectors();
      }
      default -> throw new IllegalArgumentException("unknown: " + words[0]);
    }
  }

  public static void main(String[] none) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split("\t");
      try {
        new S3aDriver(words[1]).answer(words);
        System.out.println("done");
      } catch (Throwable error) { // told to the test, which fails
        error.printStackTrace();
        System.out.println("failed: " + error);
      }
      System.out.flush();
    }
  }
}
