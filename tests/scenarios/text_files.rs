//! Text files as people have them: compressed, of other dialects, with marks and line ends of other systems; and what is no text
//! that can be read, refused in bounded memory with the line.

use std::{fs::File, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};

use crate::harness::process::Up;

struct Shop {
    server: Up,
    folder: tempfile::TempDir,
}

impl Shop {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Up::start(&folder.path().join("data"), &["--memory", "256MiB"]);
        let shop = Self { server, folder };
        let features = ["id:long", "name:string", "x:double", "day:date"];
        let features: Vec<&str> = features.iter().flat_map(|feature| ["--feature", feature]).collect();
        shop.server.answer(&[&["feature-group", "create", "rows", "--key", "id"], &features[..]].concat());
        shop
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// What the group holds after it was overwritten with a file, sorted.
    #[track_caller]
    fn holds(&self, name: &str, bytes: &[u8], flags: &[&str]) -> Vec<String> {
        std::fs::write(self.path(name), bytes).unwrap();
        let insert = ["feature-group", "insert", "rows", &self.path(name), "--mode", "overwrite"];
        self.server.answer(&[&insert[..], flags].concat());
        let rows = self.server.answer(&["feature-group", "preview", "rows", "--output", "csv"]);
        let mut rows: Vec<String> = rows.lines().skip(1).map(str::to_owned).collect();
        rows.sort();
        rows
    }

    #[track_caller]
    fn refuses(&self, name: &str, expected: &[&str]) {
        let before = self.server.answer(&["feature-group", "show", "rows", "--output", "json"]);
        let (code, said) = self.server.refusal(&["feature-group", "insert", "rows", &self.path(name)]);
        assert!(code == 2 && said.len() < 2000, "{code} {said}");
        for expected in [&[name], expected].concat() {
            assert!(said.contains(expected), "no `{expected}` in {said}");
        }
        assert_eq!(self.server.answer(&["feature-group", "show", "rows", "--output", "json"]), before, "{name}");
    }
}

const PLAIN: &str = "id,name,x,day\n1,Malmö,0.5,2020-09-14\n2,\"a, b\",,\n";

fn expected() -> Vec<String> {
    vec!["1,Malmö,0.5,2020-09-14".into(), "2,\"a, b\",,".into()]
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn text_is_read_however_it_comes() {
    let shop = Shop::open();
    let windows = format!("\u{FEFF}{}", PLAIN.replace('\n', "\r\n"));
    let mixed = PLAIN.replacen('\n', "\r\n", 2);
    // Two files in one: what `cat a.gz b.gz` makes.
    let halves = [gzip(&PLAIN.as_bytes()[..30]), gzip(&PLAIN.as_bytes()[30..])].concat();
    let files: [(&str, Vec<u8>, &[&str]); 9] = [
        ("plain.csv", PLAIN.into(), &[]),
        ("no_last_line_end.csv", PLAIN.trim_end().into(), &[]),
        ("windows.csv", windows.into(), &[]),
        ("mixed.csv", mixed.into(), &[]),
        ("small.csv.gz", gzip(PLAIN.as_bytes()), &[]),
        ("halves.CSV.GZ", halves, &[]),
        ("small.csv.zst", zstd::encode_all(PLAIN.as_bytes(), 1).unwrap(), &[]),
        ("tabs.tsv", "id\tname\tx\tday\n1\tMalmö\t0.5\t2020-09-14\n2\ta, b\t\t\n".into(), &[]),
        (
            "semicolons.csv",
            "id;name;x;day\n1;Malmö;0.5;2020-09-14\n2;'a, b';-;-\n".into(),
            &["--delimiter", ";", "--quote", "'", "--null", "-"],
        ),
    ];
    for (name, bytes, flags) in files {
        assert_eq!(shop.holds(name, &bytes, flags), expected(), "{name}");
    }
    let numbers = shop.holds("numbers.csv", b"id,name,x,day\n1,a,NaN,\n2,b,inf,\n3,c,-Infinity,\n4,d,1e-3,\n", &[]);
    assert_eq!(numbers, ["1,a,NaN,", "2,b,inf,", "3,c,-inf,", "4,d,0.001,"]);
    // A file of names only is an insert of nothing.
    assert_eq!(shop.holds("nothing.csv", b"id,name,x,day\n", &[]), Vec::<String>::new());
    assert!(shop.server.terminate().success());
}

#[test]
fn what_is_no_text_that_can_be_read_is_refused_with_the_line() {
    let shop = Shop::open();
    let write = |name: &str, bytes: &[u8]| std::fs::write(shop.path(name), bytes).unwrap();
    write("latin1.csv", b"id,name,x,day\n1,Lund,,\n2,Malm\xF6,,\n");
    shop.refuses("latin1.csv", &["line 3 is not UTF-8", "iconv"]);
    write("cut.csv", b"id,name,x,day\n1,Malm\xC3");
    shop.refuses("cut.csv", &["line 2 is not UTF-8"]);
    write("cut.csv.gz", &gzip(PLAIN.as_bytes())[..40]);
    shop.refuses("cut.csv.gz", &[]);
    write("no.csv.gz", PLAIN.as_bytes());
    shop.refuses("no.csv.gz", &["gzip"]);
    write("packed.csv.bz2", b"BZh9");
    shop.refuses("packed.csv.bz2", &["gzip or zstd"]);
    write("dates.csv", b"id,name,x,day\n1,a,,14.9.2020\n2,b,,09/14/2020\n3,c,,2020-09-14\n4,d,,20200914\n");
    shop.refuses("dates.csv", &["`day`", "14.9.2020", "3 rows"]);
    write("quote.csv", format!("id,na\"me,x,day\n{}", "1,a,,\n".repeat(300_000)).as_bytes());
    shop.refuses("quote.csv", &["not closed"]);
    write("other.csv", b"id,nmae,x,day\n1,a,,\n");
    shop.refuses("other.csv", &["nmae"]);

    // Half a gigabyte without a line end, in half a megabyte: neither the client nor the server holds it.
    bomb(&shop.folder.path().join("bomb.csv.gz"), 512);
    shop.refuses("bomb.csv.gz", &["line 2 is longer than 16 MiB"]);
    assert!(shop.server.terminate().success());
}

fn bomb(path: &Path, mebibytes: usize) {
    let mut encoder = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
    encoder.write_all(b"id,name,x,day\n1,").unwrap();
    let block = vec![b'a'; 1 << 20];
    for _ in 0..mebibytes {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap();
}
