import CFFmpeg
import GerundStream
import Glibc

/// What can be told of an address before libav is asked, in better words than libav has.
enum InputCheck {
    /// - Throws: When there is surely nothing to read.
    static func run(_ address: SourceAddress) throws(CaptureError) {
        guard address.kind == .file else { return }
        let path = address.location.reveal()
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw Self.error(errno, address) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            throw Self.error(EISDIR, address)
        case S_IFREG where status.st_size == 0:
            throw CaptureError(code: .notAVideo, source: address.id, message: "the file is empty")
        default:
            guard unsafe access(path, R_OK) == 0 else { throw Self.error(errno, address) }
        }
    }

    private static func error(_ number: Int32, _ address: SourceAddress) -> CaptureError {
        var error = CaptureError(
            LibAVError(function: "stat", code: gerund_averror(number)), at: address, while: .opening)
        // The message says it already.
        error.cause = nil
        return error
    }
}
