import GerundCore
import Glibc
import Testing

@Suite("GerundError")
struct GerundErrorTests {
    private struct Failure: GerundError {
        struct Code: ErrorCode {
            let name: String
            static let notFound = Self(name: "notFound")
        }

        var code = Code.notFound
        var subject: String?
        var message = "no such file"
        var cause: (any Error)?
    }

    @Test("Summarizes subject, message and cause in one line")
    func summary() {
        #expect(Failure().summary == "no such file")
        #expect(Failure(subject: "a.txt").summary == "a.txt: no such file")
        #expect(
            Failure(subject: "a.txt", cause: SystemError(ENOENT)).summary
                == "a.txt: no such file (No such file or directory)")
    }

    @Test("Shows a cause of its own kind without the cause's code")
    func nestedCause() {
        let inner = Failure(subject: "b.txt", message: "cannot read it", cause: SystemError(EIO))
        #expect(
            Failure(subject: "a.txt", cause: inner).summary
                == "a.txt: no such file (b.txt: cannot read it (Input/output error))")
        #expect(
            Failure(subject: "b.txt", cause: inner).summary
                == "b.txt: no such file (cannot read it (Input/output error))")
    }

    @Test("Names no subject in its reason, and keeps to one line that can't control a terminal")
    func reason() {
        let failure = Failure(subject: "a\n.txt", message: "bad\u{1b}[2J", cause: SystemError(EIO))
        #expect(failure.reason == "bad\u{FFFD}[2J (Input/output error)")
        #expect(failure.summary == "a\u{FFFD}.txt: bad\u{FFFD}[2J (Input/output error)")
    }

    @Test("Begins its description with the code")
    func description() {
        #expect("\(Failure(subject: "a.txt"))" == "notFound: a.txt: no such file")
        #expect("\(Failure.Code.notFound)" == "notFound")
    }

    @Test("Describes an error number by the system's text")
    func systemError() {
        #expect("\(SystemError(EACCES))" == "Permission denied")
        #expect(unsafe open("/no/such/file", O_RDONLY) == -1)
        #expect(SystemError.last == SystemError(ENOENT))
    }
}
