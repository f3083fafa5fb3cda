#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/upload_request.h"

namespace emulator::s3 {

Result<void> Service::abort_multipart_upload(const UploadAddress& address) {
  const auto upload = find_upload(address);
  if (!upload) return tl::unexpected(upload.error());
  if (auto removed = store_.remove_upload(*upload); !removed)
    return storage_failed(removed.error());
  trace_.record("s3", "abort_upload",
                {{"bucket", upload->bucket}, {"key", upload->key}, {"upload", upload->id}});
  return {};
}

Result<base::HttpResponse> rest_abort_multipart_upload(Call& call, const std::string&) {
  const auto address = upload_address(call);
  if (!address) return tl::unexpected(address.error());
  if (auto aborted = call.service.abort_multipart_upload(*address); !aborted)
    return tl::unexpected(std::move(aborted.error()));
  return empty_response(204);
}

}  // namespace emulator::s3
