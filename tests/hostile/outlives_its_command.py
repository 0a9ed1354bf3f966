# any exercise: asks the kernel not to end it with its parent, and spins: gone within 2 s of its command
import ctypes
import time

ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
end = time.monotonic() + 40
while time.monotonic() < end:
    try:
        time.sleep(0.5)
        open("running", "w").close()
    except BaseException:
        pass
