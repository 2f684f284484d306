import CFFmpeg
import GerundCore
import GerundStream
import Glibc

/// Checks of an address before libav opens it, with better messages than libav has.
enum Preflight {
    /// Checks that a file exists, is readable and isn't empty.
    ///
    /// Other addresses always pass.
    ///
    /// - Throws: ``CaptureError`` if opening is bound to fail.
    static func check(_ address: SourceAddress) throws(CaptureError) {
        guard address.kind == .file else { return }
        let path = address.location.reveal()
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw Self.error(errno, address) }
        switch FileKind(mode: status.st_mode) {
        case .directory:
            throw Self.error(EISDIR, address)
        case .regular where status.st_size == 0:
            throw CaptureError(code: .invalidData, source: address.id, message: "the file is empty")
        default:
            guard unsafe access(path, R_OK) == 0 else { throw Self.error(errno, address) }
        }
    }

    private static func error(_ number: Int32, _ address: SourceAddress) -> CaptureError {
        var error = CaptureError(
            LibAVError(function: "stat", status: gerund_averror(number)), at: address, while: .opening)
        // The system's text would repeat the message.
        error.libraryError = nil
        return error
    }
}
