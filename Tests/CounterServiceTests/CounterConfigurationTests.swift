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

    @Test func whatIsNoAddressReadsNoMetrics() throws {
        let start = "office: 网点\ncounter: 3\ndata: data\n"
        #expect(faults(start + "metrics-from: [10.1.2.3, 10.1.2, '::1']\n") == ["4 counter.address"])
        let configuration = try CounterConfiguration.parse(
            start + "metrics-from: [10.1.2.3]\nown-passwords: false\n", file: "c.yaml", folder: "/")
        #expect(configuration.metricsReaders == ["10.1.2.3"])
        #expect(!configuration.demandsOwnPasswords)
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

    @Test func otherMachinesAreLetInByTLSAlone() throws {
        let start = "office: 网点\ncounter: 3\ndata: data\npublic-names: [Counter.example.org]\n"
        let papers = "tls: {certificate: a.pem, private-key: /k/a.key, least-version: '1.3'}\n"
        #expect(faults(start + "listen: 0.0.0.0:443\n") == ["5 counter.not-this-machine"])
        #expect(faults(start + "listen: 127.0.0.2:443\n") == ["5 counter.not-this-machine"])
        let configuration = try CounterConfiguration.parse(
            start + "listen: 0.0.0.0:443\n" + papers, file: "c.yaml", folder: "/etc/sscard")
        #expect(
            configuration.transport
                == TransportSecurity(
                    certificateFile: "/etc/sscard/a.pem", privateKeyFile: "/k/a.key", leastVersion: .tls13))
        #expect(configuration.address(port: 443) == "https://counter.example.org:443/")
        #expect(faults(start + papers.replacing("1.3", with: "1.1")) == ["5 counter.setting"])
        #expect(faults(start + "tls: {certificate: a, key: b}\n").count == 2)
        #expect(faults(start + papers + "behind-tls: true\n") == ["6 transport.twice"])
        #expect(faults(start + "terminator-certificate: t.pem\n") == ["5 transport.no-terminator"])
    }

    @Test(
        arguments: [
            ("own", "/etc/sscard/own"), ("/var/keys", "/var/keys"), ("psam:", "psam:"), ("psam:SAM 0", "psam:SAM 0"),
            ("gateway:hsm/gateway.yaml", "gateway:/etc/sscard/hsm/gateway.yaml"),
            (
                "pkcs11:token=city%20one?module-path=/usr/lib/p11.so",
                "pkcs11:token=city%20one?module-path=/usr/lib/p11.so"
            ),
        ])
    func keysAreWhereTheFileSays(text: String, place: String) throws {
        let configuration = try CounterConfiguration.parse(
            "office: 网点\ncounter: 3\ndata: data\nkeys: '\(text)'\n", file: "c.yaml", folder: "/etc/sscard")
        let keys = try #require(configuration.keys)
        #expect(keys.place.description == place)
        let isStore = if case .store = keys.place { true } else { false }
        #expect(isStore == place.hasPrefix("/"))
        // what goes with keys that are in no folder lies with the data
        #expect(keys.papersFolder(dataFolder: "/data") == (isStore ? place : "/data/keys"))
    }

    @Test func aPlaceOfKeysThatIsNoneIsToldWithItsLine() {
        let start = "office: x\ncounter: 1\ndata: d\n"
        #expect(faults(start + "keys: 'pkcs11:object=x'\n") == ["4 token.location"])
        #expect(faults(start + "keys: 'pkcs11:token=x?pin-value=1'\n") == ["4 token.pin-in-location"])
        #expect(faults(start + "keys: 'gateway:'\n") == ["4 data-file.empty-value"])
        #expect(faults(start + "keys: 'psam:SAM'\nkeys-passphrase: file:x\n") == ["5 counter.module-passphrase"])
        #expect(faults(start + "keys-passphrase: file:x\n") == ["4 counter.keys-folder"])
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
