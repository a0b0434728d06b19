#include "decode/json_decoder.hpp"

#include "decode/body_reader.hpp"
#include "decode/log_reader.hpp"
#include "decode/point_reader.hpp"

namespace penstock::decode {

Result<void> JsonDecoder::decode(std::string_view body, const DecodeOptions& options, RecordReceiver& receiver) const {
  const WorkspaceLease workspace(kKeptBytes);
  if (options.kind == RecordKind::log) {
    LogReader records(*workspace, options, receiver);
    return BodyReader(body, options, *workspace, records).read();
  }
  PointReader records(*workspace, options, receiver);
  return BodyReader(body, options, *workspace, records).read();
}

}  // namespace penstock::decode
