// minio-go for the client tests: each call of every_client.py is a command (see command_line.py), `extras` what is typical of it.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/tags"
)

var background = context.Background()

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func expect(holds bool, what string) {
	if !holds {
		log.Fatal("not so: " + what)
	}
}

// bucket.localhost is this machine, whatever its name server says.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	check(err)
	if strings.HasSuffix(host, ".localhost") {
		host = "127.0.0.1"
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(host, port))
}

// With checksums in trailers only where a test is about them, as is minio-go's own default.
func connect(trailers bool) *minio.Client {
	endpoint := must(url.Parse(os.Getenv("SLUICE_URL")))
	lookup := minio.BucketLookupPath
	if os.Getenv("SLUICE_VIRTUAL_HOST") != "" {
		lookup = minio.BucketLookupDNS
	}
	transport := http.DefaultTransport.(*http.Transport)
	transport.DialContext = dial
	return must(minio.New(endpoint.Host, &minio.Options{
		Creds:           credentials.NewStaticV4(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), ""),
		TrailingHeaders: trailers,
		BucketLookup:    lookup,
		Transport:       transport,
	}))
}

func lines(file string) []string {
	return strings.Split(string(must(os.ReadFile(file))), "\n")
}

func names(s3 *minio.Client, bucket string) []string {
	var found []string
	for object := range s3.ListObjects(background, bucket, minio.ListObjectsOptions{Recursive: true}) {
		check(object.Err)
		found = append(found, object.Key)
	}
	return found
}

func deleteMany(s3 *minio.Client, bucket string, keys []string) {
	objects := make(chan minio.ObjectInfo)
	go func() {
		defer close(objects)
		for _, key := range keys {
			objects <- minio.ObjectInfo{Key: key}
		}
	}()
	for failure := range s3.RemoveObjects(background, bucket, objects, minio.RemoveObjectsOptions{}) {
		check(failure.Err)
	}
}

func read(s3 *minio.Client, bucket, key string, options minio.GetObjectOptions) []byte {
	return must(io.ReadAll(must(s3.GetObject(background, bucket, key, options))))
}

func put(s3 *minio.Client, bucket, key, body string, options minio.PutObjectOptions) error {
	_, err := s3.PutObject(background, bucket, key, strings.NewReader(body), int64(len(body)), options)
	return err
}

// What a browser does with a link; its status and body.
func send(method, link, contentType string, body io.Reader) (int, string) {
	request := must(http.NewRequest(method, link, body))
	request.Header.Set("Content-Type", contentType)
	answer := must(http.DefaultClient.Do(request))
	defer answer.Body.Close()
	return answer.StatusCode, string(must(io.ReadAll(answer.Body)))
}

func streams(s3 *minio.Client, bucket string) {
	content := bytes.Repeat([]byte("0,Ada,London\n"), 1_000_000)
	// A size that is not known beforehand: parts, each with a checksum in its trailer.
	put := minio.PutObjectOptions{PartSize: 5 << 20, Checksum: minio.ChecksumCRC32C}
	must(s3.PutObject(background, bucket, "stream", io.MultiReader(bytes.NewReader(content)), -1, put))
	expect(bytes.Equal(read(s3, bucket, "stream", minio.GetObjectOptions{Checksum: true}), content), "the stream came back")
	source := minio.CopySrcOptions{Bucket: bucket, Object: "stream"}
	must(s3.ComposeObject(background, minio.CopyDestOptions{Bucket: bucket, Object: "twice"}, source, source))
	expect(len(read(s3, bucket, "twice", minio.GetObjectOptions{})) == 2*len(content), "composed of two")
}

func writesUnderConditions(s3 *minio.Client, bucket string) {
	var new minio.PutObjectOptions
	new.SetMatchETagExcept("*")
	check(put(s3, bucket, "once", "1", new))
	expect(minio.ToErrorResponse(put(s3, bucket, "once", "2", new)).Code == "PreconditionFailed", "a second put is refused")
	var same minio.PutObjectOptions
	same.SetMatchETag(must(s3.StatObject(background, bucket, "once", minio.StatObjectOptions{})).ETag)
	check(put(s3, bucket, "once", "3", same))
	expect(string(read(s3, bucket, "once", minio.GetObjectOptions{})) == "3", "the put on the ETag that was there")
}

func signsLinks(s3 *minio.Client, bucket string) {
	link := must(s3.PresignedPutObject(background, bucket, "link", time.Minute))
	status, _ := send("PUT", link.String(), "text/csv", strings.NewReader("by link"))
	expect(status == 200, "PUT by a link")
	link = must(s3.PresignedGetObject(background, bucket, "link", time.Minute, url.Values{"response-content-type": {"text/x"}}))
	_, body := send("GET", link.String(), "", nil)
	expect(body == "by link", "GET by a link")
}

func describes(s3 *minio.Client, bucket string) {
	check(put(s3, bucket, "told", "x", minio.PutObjectOptions{ContentType: "text/csv", CacheControl: "no-cache",
		UserMetadata: map[string]string{"Note": "first"}, UserTags: map[string]string{"a": "1"}}))
	told := must(s3.StatObject(background, bucket, "told", minio.StatObjectOptions{}))
	expect(told.ContentType == "text/csv" && told.UserMetadata["Note"] == "first" && told.UserTagCount == 1, "what was told")
	check(s3.PutObjectTagging(background, bucket, "told", must(tags.NewTags(map[string]string{"b": "2"}, true)), minio.PutObjectTaggingOptions{}))
	tagged := must(s3.GetObjectTagging(background, bucket, "told", minio.GetObjectTaggingOptions{}))
	expect(tagged.String() == "b=2", "the tags are replaced")
	_, err := s3.StatObject(background, bucket, "none", minio.StatObjectOptions{})
	expect(minio.ToErrorResponse(err).Code == "NoSuchKey", "an object that is not there")
	expect(!must(s3.BucketExists(background, "absent-bucket")), "a bucket that is not there")
}

func main() {
	log.SetFlags(0)
	arguments := append(os.Args[1:], "", "", "", "", "")
	command, bucket, key := arguments[0], arguments[1], arguments[2]
	s3 := connect(command == "extras")
	switch command {
	case "create":
		check(s3.MakeBucket(background, bucket, minio.MakeBucketOptions{}))
	case "put":
		must(s3.FPutObject(background, bucket, key, arguments[3], minio.PutObjectOptions{}))
	case "get":
		check(s3.FGetObject(background, bucket, key, arguments[3], minio.GetObjectOptions{}))
	case "range":
		var options minio.GetObjectOptions
		check(options.SetRange(must(strconv.ParseInt(arguments[4], 10, 64)), must(strconv.ParseInt(arguments[5], 10, 64))))
		check(os.WriteFile(arguments[3], read(s3, bucket, key, options), 0o600))
	case "put-many":
		for _, key := range lines(arguments[2]) {
			check(put(s3, bucket, key, key, minio.PutObjectOptions{}))
		}
	case "names":
		fmt.Println(strings.Join(names(s3, bucket), "\n"))
	case "copy":
		must(s3.CopyObject(background, minio.CopyDestOptions{Bucket: bucket, Object: arguments[3]}, minio.CopySrcOptions{Bucket: bucket, Object: key}))
	case "delete-many":
		deleteMany(s3, bucket, lines(arguments[2]))
	case "extras":
		streams(s3, bucket)
		writesUnderConditions(s3, bucket)
		signsLinks(s3, bucket)
		describes(s3, bucket)
	default:
		log.Fatal("unknown: " + command)
	}
}
