import CFFmpeg
import GerundCore

/// A libav function that failed, and its status.
struct LibAVError: GerundError, Hashable {
    /// libav's status as an error code.
    struct Code: ErrorCode {
        /// The negative status that a libav function returned.
        let status: Int32

        /// The name of a status that libav defines, such as `eof`; otherwise `libav` and the number.
        var name: String {
            switch self.status {
            case gerund_error_eof: "endOfFile"
            case gerund_error_exit: "interrupted"
            case gerund_error_invalid_data: "invalidData"
            case gerund_error_stream_not_found: "streamNotFound"
            case gerund_error_decoder_not_found: "decoderNotFound"
            case gerund_error_demuxer_not_found: "demuxerNotFound"
            case gerund_error_protocol_not_found: "protocolNotFound"
            default: "libav(\(self.status))"
            }
        }
    }

    /// The C function.
    let function: String
    /// The negative status that the function returned.
    let status: Int32

    var code: Code { Code(status: self.status) }
    var message: String { "\(self.function): \(self.text)" }
    var cause: (any Error)? { nil }

    /// libav's text for the status.
    var text: String {
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer -> String? in
            guard let start = buffer.baseAddress,
                unsafe av_strerror(self.status, start, buffer.count) == 0
            else { return nil }
            return unsafe String(cString: start)
        }
        return text ?? "error \(self.status)"
    }

    /// Returns the status of a libav function.
    ///
    /// - Throws: ``LibAVError`` if the status is negative.
    @discardableResult
    static func check(_ status: Int32, _ function: String) throws(LibAVError) -> Int32 {
        guard status >= 0 else { throw LibAVError(function: function, status: status) }
        return status
    }

    /// Returns the error of a function that returns no object if memory is exhausted.
    static func outOfMemory(_ function: String) -> LibAVError {
        LibAVError(function: function, status: gerund_averror(ENOMEM))
    }
}
