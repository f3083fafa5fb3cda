#pragma once
// The operations of S3's REST protocol: one row each, the function in a file of its own. A row
// without a function is an operation of AWS that we do not have: it answers 501 by its name.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

// control: S3 Control, the interface of an account (AWS: "Amazon S3 Control").
enum class Scope { service, bucket, object, control };

struct Operation {
  // none: what there is of a body is not read. small: given whole. small_about_object: the same,
  // but a checksum among the headers is the object's, not the body's. streamed: as it arrives.
  enum class Body { none, small, small_about_object, streamed };
  using Answer = Result<base::HttpResponse> (*)(Call& call, const std::string& body);
  using Receive = Result<std::unique_ptr<BodySink>> (*)(Call& call, const IncomingBody& body);

  std::string_view name;
  std::string_view method;
  Scope scope;
  std::string_view subresource = {};  // the query parameter, or name=value, that selects it
  std::string_view header = {};       // the header that selects it
  Body body = Body::none;
  Answer answer = nullptr;    // for none and small
  Receive receive = nullptr;  // for streamed

  bool is_implemented() const { return answer != nullptr || receive != nullptr; }
};

std::span<const Operation> operations();
// The row of a call; an Error: method_not_allowed, or not_implemented for a sub-resource that
// nobody knows.
Result<const Operation*> find_operation(const Call& call);

// Their functions, in files of their names; those of documents and ACLs serve several rows.
Result<base::HttpResponse> rest_abort_multipart_upload(Call& call, const std::string& body);
Result<base::HttpResponse> rest_complete_multipart_upload(Call& call, const std::string& body);
Result<base::HttpResponse> rest_copy_object(Call& call, const std::string& body);
Result<base::HttpResponse> rest_create_bucket(Call& call, const std::string& body);
Result<base::HttpResponse> rest_create_multipart_upload(Call& call, const std::string& body);
Result<base::HttpResponse> rest_delete_bucket(Call& call, const std::string& body);
Result<base::HttpResponse> rest_delete_bucket_document(Call& call, const std::string& body);
Result<base::HttpResponse> rest_delete_object(Call& call, const std::string& body);
Result<base::HttpResponse> rest_delete_object_tagging(Call& call, const std::string& body);
Result<base::HttpResponse> rest_delete_objects(Call& call, const std::string& body);
Result<base::HttpResponse> rest_get_acl(Call& call, const std::string& body);
Result<base::HttpResponse> rest_get_bucket_document(Call& call, const std::string& body);
Result<base::HttpResponse> rest_get_bucket_location(Call& call, const std::string& body);
Result<base::HttpResponse> rest_get_bucket_notification_configuration(Call& call,
                                                                      const std::string& body);
Result<base::HttpResponse> rest_get_bucket_policy_status(Call& call, const std::string& body);
Result<base::HttpResponse> rest_get_object(Call& call, const std::string& body);
Result<base::HttpResponse> rest_get_object_attributes(Call& call, const std::string& body);
Result<base::HttpResponse> rest_get_object_legal_hold(Call& call, const std::string& body);
Result<base::HttpResponse> rest_get_object_retention(Call& call, const std::string& body);
Result<base::HttpResponse> rest_get_object_tagging(Call& call, const std::string& body);
Result<base::HttpResponse> rest_head_bucket(Call& call, const std::string& body);
Result<base::HttpResponse> rest_head_object(Call& call, const std::string& body);
Result<base::HttpResponse> rest_list_buckets(Call& call, const std::string& body);
Result<base::HttpResponse> rest_list_multipart_uploads(Call& call, const std::string& body);
Result<base::HttpResponse> rest_list_object_versions(Call& call, const std::string& body);
Result<base::HttpResponse> rest_list_objects(Call& call, const std::string& body);
Result<base::HttpResponse> rest_list_objects_v2(Call& call, const std::string& body);
Result<base::HttpResponse> rest_list_parts(Call& call, const std::string& body);
Result<base::HttpResponse> rest_list_tags_for_resource(Call& call, const std::string& body);
Result<std::unique_ptr<BodySink>> rest_post_object(Call& call, const IncomingBody& body);
Result<base::HttpResponse> rest_preflight(Call& call, const std::string& body);
Result<base::HttpResponse> rest_restore_object(Call& call, const std::string& body);
Result<base::HttpResponse> rest_put_acl(Call& call, const std::string& body);
Result<base::HttpResponse> rest_put_bucket_document(Call& call, const std::string& body);
Result<base::HttpResponse> rest_put_bucket_notification_configuration(Call& call,
                                                                      const std::string& body);
Result<std::unique_ptr<BodySink>> rest_put_object(Call& call, const IncomingBody& body);
Result<base::HttpResponse> rest_put_object_legal_hold(Call& call, const std::string& body);
Result<base::HttpResponse> rest_put_object_retention(Call& call, const std::string& body);
Result<base::HttpResponse> rest_put_object_tagging(Call& call, const std::string& body);
Result<base::HttpResponse> rest_tag_resource(Call& call, const std::string& body);
Result<base::HttpResponse> rest_untag_resource(Call& call, const std::string& body);
Result<std::unique_ptr<BodySink>> rest_upload_part(Call& call, const IncomingBody& body);
Result<base::HttpResponse> rest_upload_part_copy(Call& call, const std::string& body);

}  // namespace emulator::s3
