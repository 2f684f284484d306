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
