#pragma once
// Amazon S3: the operations, as plain calls. The pipeline calls these; HTTP clients reach them
// through rest.h. Each operation is one file in operations/, which holds both its Service member
// and its REST function, and one row of the table in operations/table.cpp. One thread; each call is
// atomic and strongly consistent.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/s3/error.h"
#include "emulator/s3/expiration.h"
#include "emulator/s3/model.h"
#include "emulator/s3/multipart.h"
#include "emulator/s3/notification.h"
#include "emulator/s3/object_lock.h"
#include "emulator/s3/object_store.h"
#include "emulator/s3/versioning.h"
#include "emulator/sim/link.h"
#include "emulator/sim/random.h"
#include "emulator/sim/scheduler.h"
#include "emulator/sim/trace.h"

namespace emulator::base {
class WorkerPool;
}

namespace emulator::s3 {

struct ByteRange;

// Where event notifications go: functions (pipeline/lambda), queues (emulator/sqs). At least once:
// deliver may come again for one event after a restart. Calls `done` when the event has reached a
// final state, durably (then it leaves the outbox).
class EventDestination {
 public:
  virtual ~EventDestination() = default;
  // Why S3 may not send events of this bucket to that ARN, in AWS's words; "" = it may.
  virtual std::string refusal(const std::string& /*arn*/, const std::string& /*bucket*/) const {
    return {};
  }
  virtual void deliver(const OutboxEvent& event, std::function<void()> done) = 0;
};

// Ids of one request, as in the response's headers; records of its events repeat them.
struct RequestIds {
  std::string request_id;  // 16 upper-case hex digits
  std::string host_id;
  std::string source_ip = "127.0.0.1";
};

struct Conditions {
  std::optional<std::string> if_match = {};       // an ETag (quotes allowed) or "*"
  std::optional<std::string> if_none_match = {};  // writes: only "*"
  std::optional<Instant> if_modified_since = {};  // reads only, as is the next
  std::optional<Instant> if_unmodified_since = {};
};

struct PutObjectInput {
  std::string bucket;
  std::string key;
  std::map<std::string, std::string> headers = {};  // stored headers, as Object::headers
  Conditions conditions = {};
  std::uint64_t size = 0;  // of the body, where it is known before
  std::string expected_md5 =
      {};  // hex; "" = not given. Another one: BadDigest, and nothing is stored
  std::string event_name = "ObjectCreated:Put";
};
struct PutObjectOutput {
  std::string etag;
  std::string sequencer;
  std::string version_id = {};  // "" = a null version: AWS names none to the writer
  std::string expiration = {};  // x-amz-expiration, "" = none
};

struct DeleteObjectInput {
  std::string bucket;
  std::string key;
  std::string version_id = {};  // "" = none: where versions are kept, a delete marker is put
  Conditions conditions = {};
  bool bypass_governance = false;
};
struct DeleteObjectOutput {
  std::string version_id;  // of the marker that was put or of the version that is gone; "" where no
                           // versions are kept
  bool is_delete_marker = false;
};

struct CopyObjectInput {
  std::string source_bucket;
  std::string source_key;
  std::string source_version_id = {};  // "" = what is current
  std::string bucket;
  std::string key;
  bool replace_headers = false;  // x-amz-metadata-directive: REPLACE
  bool replace_tags = false;     // x-amz-tagging-directive: REPLACE; the tags are among the headers
  std::map<std::string, std::string> headers = {};
  std::string storage_class = {};  // "" = STANDARD, whatever the source has
  bool names_encryption = false;   // x-amz-server-side-encryption is there
  Conditions conditions = {};      // on the destination
  Conditions source_conditions = {};
};

struct CopyObjectOutput {
  Object object;
  std::string source_version_id;  // as Service::version_id()
};

struct ObjectVersion {
  std::string bucket;
  std::string key;
  std::string version_id = {};  // "" = what is current
};

struct ListObjectsInput {
  std::string bucket;
  std::string prefix = {};
  std::string delimiter = {};
  std::string start_after = {};  // or the continuation token's content
  std::size_t max_keys = 1000;
};
struct ListObjectsOutput {
  std::vector<ListedObject> objects;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_start_after;
  std::string region;  // of the bucket
};

struct ListObjectVersionsInput {
  std::string bucket;
  std::string prefix = {};
  std::string delimiter = {};
  std::string key_marker = {};
  std::string version_id_marker = {};  // of versions of the key key_marker
  std::size_t max_keys = 1000;
};
struct ListObjectVersionsOutput {
  std::vector<ListedVersion> versions;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key_marker;
  std::string next_version_id_marker;
};

struct ObjectBody {
  Object object;
  std::unique_ptr<BodyReader> body;
  Result<std::string> read() const;  // the whole of it: for small ones
  std::string read_all()
      const;  // the same; a body that the disk does not give back ends the process
};

struct ServiceOptions {
  base::WorkerPool* workers =
      nullptr;  // for the hashes of large bodies; nullptr: the caller's thread
  std::string region = "us-east-1";
  std::string account = "000000000000";
  std::string virtual_host_base =
      {};  // "s3.example.test": BUCKET.s3.example.test is then that bucket
  std::string event_version =
      {};  // of the records of events; "" = 2.1, and 2.3 for those of tags, as AWS had them
};

class Service {
 public:
  Service(ObjectStore& store, sim::Scheduler& scheduler, sim::Trace& trace, sim::Faults& faults,
          sim::Random random, ServiceOptions options = {});

  // Destinations of notifications: one ARN, or all of a service ("sqs"), which says itself what it
  // has. Not owned.
  void register_destination(const std::string& arn, EventDestination& destination);
  void register_service(const std::string& service, EventDestination& destination);
  // Sends again what the outbox still holds: call once after the destinations are registered.
  void redeliver();

  // region "" = options().region. In us-east-1 creating one's own bucket again is no error.
  // With Object Lock it keeps versions, too.
  // documents: what the bucket is to have from its first moment, as in Bucket::configurations.
  Result<Bucket> create_bucket(const std::string& name, const std::string& region = {},
                               bool with_object_lock = false,
                               std::map<std::string, std::string> documents = {});
  Result<void> delete_bucket(const std::string& name);
  Result<Bucket> head_bucket(const std::string& name);
  Result<std::vector<Bucket>> list_buckets();

  // Small bodies at once ...
  Result<PutObjectOutput> put_object(const PutObjectInput& input, std::string_view body);
  // ... or as they arrive: begin checks bucket, key and conditions; append as often as needed;
  // finish stores.
  class Upload {
   public:
    Result<void> append(std::string_view piece);
    Result<PutObjectOutput> finish();
    // What will be stored as Object::headers: a checksum in a trailer comes after the body.
    std::map<std::string, std::string>& headers();
    ~Upload();
    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;

   private:
    friend class Service;
    Upload(Service& service, PutObjectInput input, RequestIds ids);
    struct State;
    std::unique_ptr<State> state_;
  };
  Result<std::unique_ptr<Upload>> begin_put_object(PutObjectInput input, const RequestIds& ids);

  // version_id "" = what is current. A delete marker is not there (no_such_key), or
  // method_not_allowed if it is asked for by id.
  Result<ObjectBody> get_object(const std::string& bucket, const std::string& key,
                                const std::string& version_id = {});
  Result<Object> head_object(const std::string& bucket, const std::string& key,
                             const std::string& version_id = {});
  // Deleting what is not there is no error, and no event.
  Result<DeleteObjectOutput> delete_object(const DeleteObjectInput& input,
                                           const std::optional<RequestIds>& ids = {});
  Result<CopyObjectOutput> copy_object(const CopyObjectInput& input,
                                       const std::optional<RequestIds>& ids = {});
  // The same in slices, so that others have their turn in between: begin checks, step until it is
  // true, finish stores.
  class ObjectCopy {
   public:
    Result<bool> step();
    Result<CopyObjectOutput> finish();
    ~ObjectCopy();
    ObjectCopy(const ObjectCopy&) = delete;
    ObjectCopy& operator=(const ObjectCopy&) = delete;

   private:
    friend class Service;
    struct State;
    explicit ObjectCopy(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };
  Result<std::unique_ptr<ObjectCopy>> begin_copy_object(const CopyObjectInput& input,
                                                        const std::optional<RequestIds>& ids = {});
  Result<ListObjectsOutput> list_objects(const ListObjectsInput& input);
  Result<ListObjectVersionsOutput> list_object_versions(const ListObjectVersionsInput& input);
  // Of an object that was uploaded in parts; empty for others.
  Result<std::vector<Part>> object_parts(const Object& object);

  Result<MultipartUpload> create_multipart_upload(const CreateMultipartUploadInput& input);
  // As begin_put_object.
  class PartUpload {
   public:
    Result<void> append(std::string_view piece);
    // checksum: by UploadPartInput::checksum_header.
    Result<Part> finish(const std::string& checksum = {});
    const MultipartUpload& upload() const;
    ~PartUpload();
    PartUpload(const PartUpload&) = delete;
    PartUpload& operator=(const PartUpload&) = delete;

   private:
    friend class Service;
    Result<bool> append_slice(BodyReader& from, ByteRange& range);
    PartUpload(Service& service, UploadPartInput input, MultipartUpload upload);
    struct State;
    std::unique_ptr<State> state_;
  };
  Result<std::unique_ptr<PartUpload>> begin_upload_part(const UploadPartInput& input);
  // As ObjectCopy.
  class PartCopy {
   public:
    Result<bool> step();
    Result<UploadPartCopyOutput> finish();
    ~PartCopy();
    PartCopy(const PartCopy&) = delete;
    PartCopy& operator=(const PartCopy&) = delete;

   private:
    friend class Service;
    struct State;
    explicit PartCopy(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };
  Result<std::unique_ptr<PartCopy>> begin_upload_part_copy(
      const UploadPartCopyInput& input, const Conditions& source_conditions = {});
  Result<UploadPartCopyOutput> upload_part_copy(const UploadPartCopyInput& input,
                                                const Conditions& source_conditions = {});
  // Again with the same parts: succeeds again, as long as the object is there.
  Result<Object> complete_multipart_upload(const CompleteMultipartUploadInput& input,
                                           const Conditions& conditions = {},
                                           const std::optional<RequestIds>& ids = {});
  Result<void> abort_multipart_upload(const UploadAddress& address);
  Result<ListPartsOutput> list_parts(const ListPartsInput& input);
  Result<ListMultipartUploadsOutput> list_multipart_uploads(const ListMultipartUploadsInput& input);

  Result<void> put_bucket_notification_configuration(const std::string& bucket,
                                                     NotificationConfiguration configuration,
                                                     bool skip_destination_validation = false);
  Result<NotificationConfiguration> get_bucket_notification_configuration(
      const std::string& bucket);

  // tags: as x-amz-tagging has them; "" = none are left.
  // acl as acl_text() (acl.h); "": the default.
  // Makes an archived object readable for some days, at once; was_restored: it was already.
  struct RestoredObject {
    Object object;
    bool was_restored = false;
  };
  Result<RestoredObject> restore_object(const ObjectVersion& which, std::int64_t days,
                                        const RequestIds& ids);
  Result<Object> put_object_acl(const ObjectVersion& which, const std::string& acl,
                                const RequestIds& ids);
  Result<Object> put_object_tagging(const std::string& bucket, const std::string& key,
                                    const std::string& tags,
                                    const std::optional<RequestIds>& ids = {},
                                    const std::string& version_id = {});
  // nullopt: none is left. access_denied where it would protect less than it does.
  Result<Object> put_object_retention(const ObjectVersion& which,
                                      const std::optional<Retention>& retention,
                                      bool bypass_governance = false);
  Result<Object> put_object_legal_hold(const ObjectVersion& which,
                                       const std::string& status);  // "ON", "OFF"
  // As head_object, but invalid_request in a bucket without Object Lock.
  Result<Object> head_lockable(const std::string& bucket, const std::string& key,
                               const std::string& version_id = {});
  // A sub-resource that is a document (bucket_documents.h), as it is kept; "" = there is none.
  Result<std::string> get_bucket_document(const std::string& bucket, const std::string& document);
  Result<void> put_bucket_document(const std::string& bucket, const std::string& document,
                                   std::string text);
  // Several at once, by their names, in one commit.
  Result<void> put_bucket_documents(const std::string& bucket,
                                    std::map<std::string, std::string> texts);

  Versioning versioning(const std::string& bucket);  // never, if it is not there
  // The bucket's, parsed; none, if it is not there.
  const LifecycleRules& lifecycle_rules(const std::string& bucket);
  // The id that clients know the object by: "null" for the null version, "" in a bucket that never
  // kept versions.
  std::string version_id(const Object& object);

  // Group commit (ObjectStore::gather) of what requests over REST write, for a server that holds
  // answers back while has_gathered(), until commit_gathered(): false = nothing of it has happened.
  void gather_requests() { gathers_requests_ = true; }
  bool has_gathered() const { return store_.has_gathered(); }
  bool commit_gathered();
  // While it lives: the writing of such a request.
  class Gathering {
   public:
    explicit Gathering(Service& service) : store_(service.store_) {
      store_.gather(service.gathers_requests_);
    }
    ~Gathering() { store_.gather(false); }
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;

   private:
    ObjectStore& store_;
  };

  RequestIds new_request_ids();
  sim::Instant now() const { return scheduler_.now(); }
  sim::Scheduler& scheduler() { return scheduler_; }
  const ServiceOptions& options() const { return options_; }
  sim::Link& notification_link() { return notification_link_; }  // "s3.notification"

 private:
  Result<Bucket> find_bucket(const std::string& name);
  Result<std::optional<Object>> find_object(const std::string& bucket, const std::string& key);
  Result<std::optional<Object>> find_version(const std::string& bucket, const std::string& key,
                                             const std::string& version_id);
  Error is_a_marker(const Object& marker);
  Error why_absent(const std::string& bucket, const std::string& key,
                   const std::string& version_id);
  Result<bool> seek(const ListObjectVersionsInput& input,
                    ObjectStore::VersionRange& range);  // false: nothing can be there
  Result<DeleteObjectOutput> put_delete_marker(const Bucket& bucket, const DeleteObjectInput& input,
                                               const RequestIds& ids);
  Result<void> remove_version(const Bucket& bucket, Object object, const RequestIds& ids);
  Result<void> check_was_given(const std::string& version_id);
  Result<void> overtake_uploads(const std::string& bucket, const std::string& key);
  Result<MultipartUpload> find_upload(const UploadAddress& address);
  Result<ObjectBody> open_copy_source(const std::string& bucket, const std::string& key,
                                      const std::string& version_id);
  Result<std::optional<Object>> find_made_of(const UploadAddress& upload);
  Result<Object> completed_before(const CompleteMultipartUploadInput& input);
  // Stores the object with its events in one transaction, then traces `line` with `more` and sends
  // the events.
  Result<Object> store_object(Object object, const BodyRef& body, const std::string& event_name,
                              const RequestIds& ids, std::string_view line,
                              std::vector<sim::Field> more = {});
  // The same by `write`, which gets the object as it is to be stored and its events. A
  // last_modified of zero means now.
  using WriteObject = std::function<base::Result<void>(const Object&, std::span<OutboxEvent>)>;
  Result<Object> write_object(Object object, const WriteObject& write,
                              const std::string& event_name, const RequestIds& ids,
                              std::string_view line, std::vector<sim::Field> more = {});
  Result<std::string> next_sequencer();
  Result<void> check_conditions_again(const PutObjectInput& input);
  Result<const NotificationConfiguration*> notifications_of(const Bucket& bucket);
  // What an event comes to: for each rule of the bucket a row of the outbox, or why there is none.
  struct Announcement {
    struct Miss {
      std::string rule, destination, why;
    };
    std::string event_name;
    std::vector<OutboxEvent> events;
    std::vector<Miss> misses;
  };
  Result<Announcement> plan_events(const Bucket& bucket, const Object& object,
                                   const std::string& event_name, const RequestIds& ids);
  void announce(sim::EventId cause, const Object& object, const Announcement& announcement);
  void send_test_events(const Bucket& bucket, const NotificationConfiguration& configuration);
  void dispatch(const OutboxEvent& event);
  void lose(const OutboxEvent& event, std::string_view why);
  EventDestination* find_destination(const std::string& arn) const;

  ObjectStore& store_;
  sim::Scheduler& scheduler_;
  sim::Trace& trace_;
  sim::Random random_;
  ServiceOptions options_;
  sim::Link notification_link_;
  std::map<std::string, EventDestination*> destinations_;  // by ARN, or by the name of a service
  std::map<std::string, NotificationConfiguration>
      notifications_;                             // parsed, by bucket: what the store holds as text
  std::map<std::string, Versioning> versioning_;  // the same
  std::map<std::string, LifecycleRules> lifecycle_rules_;
  bool gathers_requests_ = false;
};

// Trace lines (actor "s3"): create_bucket{bucket} delete_bucket{bucket} put{bucket,key,size,etag}
// copy{...} complete_upload{...,parts} create_upload{bucket,key,upload}
// part{bucket,key,upload,part,size} abort_upload{bucket,key,upload} delete{bucket,key}
// delete_marker{bucket,key} tag{bucket,key,tags} retain{bucket,key,mode} hold{bucket,key,status}
// (where versions are kept, lines of objects have `version` too) notification{bucket,rules}
// lost{bucket,key,destination,why}. Of each rule of a bucket whether it fired:
// event{bucket,key,event,destination,rule} or no_event{bucket,key,event,destination,rule,why}. An
// event without a cause is of an earlier life.

}  // namespace emulator::s3
