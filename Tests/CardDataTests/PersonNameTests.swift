import ByteText
import CardData
import Foundation
import SeededNumbers
import Testing

/// Which names whoever is taken in may have.
@Suite struct NameRuleTests {
    @Test(arguments: [
        "张三", "欧阳建国", "卓玛·央金拉姆", "阿卜杜拉•买买提", "阿卜杜拉‧买买提", "阿卜杜拉・买买提", "DUPONT JEAN PIERRE", "O'BRIEN SEAN", "ANNA-MARIA",
    ])
    func asDocumentsHaveThem(name: String) throws {
        let name = try PersonName(name)
        try name.check()
        #expect(!name.text.contains { "•‧・".contains($0) }, "the middle dot is one")
    }

    /// card.md of names: they stand without inner blanks, which spread a short one out in print.
    @Test(arguments: [
        ("李 四", "李四"), ("李　四", "李四"), (" 欧阳 建 国 ", "欧阳建国"), ("李四", "李四"), ("DUPONT JEAN", "DUPONT JEAN"),
        ("卓玛·央金 拉姆", "卓玛·央金拉姆"), ("李 JEAN", "李 JEAN"),
    ])
    func aTypedNameLosesBlanksBetweenIdeographs(typed: String, name: String) throws {
        #expect(try PersonName(typed: typed).text == name)
        #expect(PersonName.withoutInnerBlanks(typed) == name)
    }

    @Test func whatStandsOnACardIsReadAsItIs() throws {
        #expect(try PersonName("李 四").text == "李 四")
    }

    @Test(arguments: [
        ("12345", "name.character"), ("？", "name.character"), ("<b>张</b>", "name.character"),
        ("ＺＨＡＮＧ", "name.character"),
        ("张三1", "name.character"), ("张。三", "name.character"), ("·张三", "name.joined"), ("张三·", "name.joined"),
        ("张··三", "name.joined"), ("JEAN  PIERRE", "name.joined"),
    ])
    func whatIsNoneIsTold(name: String, code: String) throws {
        let name = try PersonName(name)
        #expect(codes { try name.check() } == [code])
    }
}

@Suite struct GBKTextTests {
    // Bytes measured with glibc iconv and ICU, which agree; checked against Python's gbk codec
    @Test(arguments: [
        ("张三", "D5C5C8FD"), ("·", "A1A4"), ("喆堃镕", "86B488D2E946"), ("Anna 李", "416E6E6120C0EE"), ("", ""),
    ])
    func writesAndReads(text: String, bytes: String) throws {
        #expect(try GBKText.encode(text).hexadecimal == bytes)
        #expect(try GBKText.decode(try #require([UInt8](hexadecimal: bytes))) == text)
    }

    @Test func everyTwoByteCodeThatGBKWritesIsReadBackTheSame() throws {
        var count = 0
        for value in UInt32(0x80)...0xFFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = String(Character(scalar))
            guard let bytes = try? GBKText.encode(text) else { continue }
            count += 1
            #expect(try GBKText.decode(bytes) == text)
        }
        // The two-byte codes of glibc's GBK, counted with Python's ctypes over iconv
        #expect(count == 21_791)
    }

    @Test func namesEachCharacterThatGBKDoesNotHaveOnce() {
        #expect(throws: Faults("text.not-in-gbk", ["characters": "𠮷 (U+20BB7), 䶮 (U+4DAE), U+200B"])) {
            try GBKText.encode("𠮷䶮a𠮷\u{200B}")
        }
    }

    // The six codes on which glibc and ICU differ, with the characters that Unicode has assigned since
    @Test(arguments: [
        ("FE51", UInt32(0x20087)), ("FE52", 0x20089), ("FE53", 0x200CC), ("FE6C", 0x215D7), ("FE76", 0x2298F),
        ("FE91", 0x241FE),
    ])
    func theSixDisputedCodesAreReadAsUnicodeHasThemAndNeverWritten(bytes: String, value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        let text = String(Character(scalar))
        #expect(try GBKText.decode(try #require([UInt8](hexadecimal: bytes))) == text)
        #expect(codes { try GBKText.encode(text) } == ["text.not-in-gbk"])
    }

    @Test func readsNamesThatOthersWroteInGB18030() throws {
        // 䶮 FE9F and 𠮷 9534B235: GB 18030
        #expect(try GBKText.decode([0xFE, 0x9F]) == "䶮")
        #expect(try GBKText.decode([0x95, 0x34, 0xB2, 0x35]) == "𠮷")
    }

    @Test(arguments: [
        ("FF", "0"), ("D5", "0"), ("D5C5C8", "2"), ("41D520", "1"), ("953032", "0"), ("80", "0"), ("D57F", "0"),
    ])
    func saysWhereBytesBeginNoCharacter(bytes: String, offset: String) throws {
        let bytes = try #require([UInt8](hexadecimal: bytes))
        #expect(throws: Faults("text.undecodable", ["offset": offset])) { try GBKText.decode(bytes) }
    }

    @Test func randomBytesAreReadOrRefusedWithoutHarm() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...50, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if let text = try? GBKText.decode(bytes), let again = try? GBKText.encode(text) { #expect(again == bytes) }
        }
    }
}

@Suite struct PersonNameTests {
    @Test func aShortNameNeedsNoExtension() throws {
        let name = try PersonName(" 张三　")
        #expect(name.text == "张三")
        #expect(name.mainBytes.hexadecimal == "D5C5C8FD")
        #expect(name.extensionBytes.isEmpty)
        #expect("\(name)" == "张*")
    }

    @Test(arguments: ["阿卜杜拉•买买提", "阿卜杜拉・买买提", "阿卜杜拉·买买提"])
    func allMiddleDotsBecomeTheOneGBKHas(text: String) throws {
        let name = try PersonName(text)
        #expect(name.text == "阿卜杜拉·买买提")
        // Han characters from Python's gbk codec around A1A4
        #expect(name.mainBytes.hexadecimal == "B0A2B2B7B6C5C0ADA1A4C2F2C2F2CCE1")
    }

    @Test func theThirtyFirstByteOpensTheExtension() throws {
        let name = try PersonName(String(repeating: "长", count: 16))
        #expect(name.mainBytes.count == 30)
        #expect(name.extensionBytes.hexadecimal == "B3A4")
        #expect(try PersonName(main: name.mainBytes, extension: name.extensionBytes) == name)
    }

    @Test func aCharacterIsNeverCutAtTheBorder() throws {
        let name = try PersonName("A" + String(repeating: "长", count: 15))
        #expect(name.mainBytes.count == 29)
        #expect(name.extensionBytes.hexadecimal == "B3A4")
        // as the card gives it back, padded with 00
        let padded = name.mainBytes + [0]
        #expect(try PersonName(main: padded, extension: name.extensionBytes + [UInt8](repeating: 0, count: 18)) == name)
    }

    @Test func aNameThatAnotherWriterCutInsideACharacterIsJoined() throws {
        let text = "A" + String(repeating: "长", count: 15)
        let bytes = try GBKText.encode(text)
        #expect(try PersonName(main: Array(bytes[..<30]), extension: Array(bytes[30...])).text == text)
    }

    @Test func fiftyBytesFitAndNoMore() throws {
        #expect(try PersonName(String(repeating: "长", count: 25)).extensionBytes.count == 20)
        #expect(throws: Faults("name.too-long", ["bytes": "52", "most": "50"])) {
            try PersonName(String(repeating: "长", count: 26))
        }
        // 50 bytes, but the character at the border moves as a whole: 29 + 21
        #expect(codes { try PersonName("A" + String(repeating: "长", count: 24) + "B") } == ["name.too-long"])
        #expect(try PersonName("A" + String(repeating: "长", count: 24)).extensionBytes.count == 20)
    }

    @Test func tellsAllFaults() {
        #expect(codes { try PersonName("") } == ["name.empty"])
        #expect(codes { try PersonName(" 　\t") } == ["name.empty"])
        #expect(throws: Faults("name.not-in-gbk", ["characters": "𠮷 (U+20BB7), 䶮 (U+4DAE)"])) { try PersonName("𠮷田䶮") }
        #expect(
            codes { try PersonName("a\u{7}𠮷" + String(repeating: "长", count: 30)) }
                == ["name.control-character", "name.not-in-gbk", "name.too-long"])
        #expect(codes { try PersonName("张\u{0}三") } == ["name.control-character"])
        #expect(codes { try PersonName("张\u{202E}三") } == ["name.not-in-gbk"])
    }

    @Test func randomNamesComeBackFromTheirBytes() throws {
        var generator = SeededGenerator(seed: 11)
        let alphabet = Array("张三阿卜杜拉·麦提喆堃镕ABCz'- ")
        for _ in 0..<2000 {
            let length = Int.random(in: 1...40, using: &generator)
            let text = String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
            guard let name = try? PersonName(text) else { continue }
            #expect(name.mainBytes.count <= 30 && name.extensionBytes.count <= 20)
            #expect(try PersonName(main: name.mainBytes, extension: name.extensionBytes) == name)
            #expect(name.mainBytes + name.extensionBytes == (try GBKText.encode(name.text)))
        }
    }
}
