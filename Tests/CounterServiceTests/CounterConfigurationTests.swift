import CardData
import Foundation
import Testing

@testable import CounterService

@Suite struct CounterConfigurationTests {
    private func faults(_ text: String) -> [String] {
        do throws(Faults) {
            _ = try CounterConfiguration.parse(text, file: "c.yaml", folder: "/etc/sscard")
            return []
        } catch {
            return error.faults.map { "\($0.place?.line ?? 0) \($0.code.rawValue)" }
        }
    }

    @Test func everyFaultIsToldWithItsLine() {
        #expect(
            faults("office: ''\ncounter: 0\ndata: d\nlisten: 10.0.0.1:80\nidle-minutes: 0\nlogin-tries: x\nname: y\n")
                == [
                    "7 data-file.unknown-key", "1 data-file.empty-value", "2 counter.number",
                    "4 counter.not-this-machine",
                    "5 counter.number", "6 data-file.not-an-integer",
                ])
    }

    @Test func pathsAreTakenFromTheFilesOwnFolder() throws {
        let configuration = try CounterConfiguration.parse(
            "office: 网点\ncounter: 3\ndata: data\npolicy: /etc/policy.yaml\nlisten: localhost:0\n", file: "c.yaml",
            folder: "/etc/sscard")
        #expect(configuration.dataFolder == "/etc/sscard/data")
        #expect(configuration.policyFile == "/etc/policy.yaml")
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 0)
    }

    /// The schema is written by hand; what it names must be what the reader knows.
    @Test func theSchemaNamesTheKeysThatAreRead() throws {
        let schema = try JSONSerialization.jsonObject(with: Data(try CounterConfiguration.schema.utf8))
        let properties = (schema as? [String: Any])?["properties"] as? [String: Any] ?? [:]
        let unknown = faults("nonsense: 1\noffice: x\ncounter: 1\ndata: d\n")
        #expect(unknown == ["1 data-file.unknown-key"])
        do throws(Faults) {
            _ = try CounterConfiguration.parse("nonsense: 1\n", file: "c.yaml", folder: "/")
        } catch {
            let allowed = error.faults.first { $0.code == "data-file.unknown-key" }?.parameters["allowed"]
            #expect(allowed?.components(separatedBy: ", ") == properties.keys.sorted())
        }
    }
}
