import CFFmpeg
import Glibc

/// Reads a file descriptor for libav without blocking for long, for standard input and named pipes, where libav's own
/// reads can't be interrupted.
@safe
final class PolledInput {
    /// The default capacity of a pipe.
    private static let bufferBytes: Int32 = 65_536
    /// The interval at which the interrupt token is checked, in milliseconds.
    private static let pollMilliseconds: Int32 = 50

    private let descriptor: Int32
    private let closesDescriptor: Bool
    private let interrupt: InterruptToken
    private(set) var context: UnsafeMutablePointer<AVIOContext>?

    /// Creates an input.
    ///
    /// - Parameters:
    ///   - descriptor: A descriptor that is open for reading.
    ///   - closesDescriptor: Whether the input closes the descriptor. It must not close standard input.
    ///   - interrupt: The token that ends blocking reads.
    /// - Throws: ``LibAVError`` if memory is exhausted.
    init(descriptor: Int32, closesDescriptor: Bool, interrupt: InterruptToken) throws(LibAVError) {
        self.descriptor = descriptor
        self.closesDescriptor = closesDescriptor
        self.interrupt = interrupt
        // Standard input may be a file, which is seekable.
        let isSeekable = lseek(descriptor, 0, SEEK_CUR) >= 0
        let buffer = unsafe av_malloc(Int(Self.bufferBytes))?.assumingMemoryBound(to: UInt8.self)
        // The context keeps no reference: it is freed in deinit.
        unsafe self.context = avio_alloc_context(
            buffer, Self.bufferBytes, 0, Unmanaged.passUnretained(self).toOpaque(),
            { opaque, buffer, size in
                guard let opaque = unsafe opaque, let buffer = unsafe buffer else { return gerund_averror(EINVAL) }
                return unsafe Unmanaged<PolledInput>.fromOpaque(opaque).takeUnretainedValue()
                    .read(into: buffer, size: size)
            }, nil,
            isSeekable
                ? { opaque, offset, whence in
                    guard let opaque = unsafe opaque else { return Int64(gerund_averror(EINVAL)) }
                    return unsafe Unmanaged<PolledInput>.fromOpaque(opaque).takeUnretainedValue()
                        .seek(to: offset, whence: whence)
                } : nil)
        guard unsafe self.context != nil else {
            unsafe av_free(buffer)
            throw LibAVError.outOfMemory("avio_alloc_context")
        }
    }

    deinit {
        if let context = unsafe self.context {
            // libav may have replaced the buffer.
            unsafe av_free(context.pointee.buffer)
            unsafe avio_context_free(&self.context)
        }
        if self.closesDescriptor { close(self.descriptor) }
    }

    private func read(into buffer: UnsafeMutablePointer<UInt8>, size: Int32) -> Int32 {
        while true {
            if self.interrupt.reason != nil { return gerund_error_exit }
            var request = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&request, 1, Self.pollMilliseconds)
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            let count = unsafe Glibc.read(self.descriptor, buffer, Int(size))
            if count > 0 { return Int32(count) }
            if count == 0 { return gerund_error_eof }
            if errno != EINTR && errno != EAGAIN { return gerund_averror(errno) }
        }
    }

    private func seek(to offset: Int64, whence: Int32) -> Int64 {
        if whence & AVSEEK_SIZE != 0 {
            var status = stat()
            return unsafe fstat(self.descriptor, &status) == 0 ? Int64(status.st_size) : Int64(gerund_averror(errno))
        }
        let position = lseek(self.descriptor, Int(offset), whence & ~AVSEEK_FORCE)
        return position >= 0 ? Int64(position) : Int64(gerund_averror(errno))
    }
}
