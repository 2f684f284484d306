import CFFmpeg

/// A libav function that failed, and what it returned.
struct LibAVError: Error, Hashable, Sendable {
    let function: String
    let code: Int32

    /// What libav calls the code.
    var text: String {
        let words = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer -> String? in
            guard let start = buffer.baseAddress,
                unsafe av_strerror(self.code, start, buffer.count) == 0
            else { return nil }
            return unsafe String(cString: start)
        }
        return words ?? "error \(self.code)"
    }

    /// - Throws: When `status`, as libav's functions return it, is negative.
    @discardableResult
    static func check(_ status: Int32, _ function: String) throws(LibAVError) -> Int32 {
        guard status >= 0 else { throw LibAVError(function: function, code: status) }
        return status
    }

    /// For functions that return no object when memory has run out.
    static func outOfMemory(_ function: String) -> LibAVError {
        LibAVError(function: function, code: gerund_averror(ENOMEM))
    }
}

extension LibAVError: CustomStringConvertible {
    var description: String { "\(self.function): \(self.text)" }
}
