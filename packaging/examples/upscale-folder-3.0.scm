; SPDX-License-Identifier: LGPL-3.0-or-later
; GIMP 3: enlarges all pictures that a pattern names, in one call that loads the model once.
;
;     gimp-console-3 -i -d -f -s --quit --batch-interpreter plug-in-script-fu-eval -b '(begin
;         (load "upscale-folder-3.0.scm")
;         (gan-upscale-folder "/photos/*.jpg" "/photos/large" "png" "" 0))'
;
; pattern    the pictures, as an absolute path with * and ?
; folder     where the results go, under the pictures' names; it is made when it is missing
; extension  format of the results: "png", "jpg", "tif", "webp", "xcf" ...; "" keeps each picture's own
; model      a name that Filters > GAN > Weights and Models... shows, or the path of a weight file; "" for the first
; factor     from 0.5 to 16; 0 for the model's own scale
;
; What failed is told on standard error; the others are done nevertheless. So is a file of several pages or frames, of
; which the first is enlarged; "xcf" keeps all as layers. Arguments that are left out have their defaults; the procedure
; browser describes them all.
(define (gan-upscale-folder pattern folder extension model factor)
  (script-fu-use-v3)
  (let* ((files (file-glob #:pattern pattern #:filename-encoding #t))
         (result (plug-in-gan-upscale-files #:files files
                                            #:folder folder
                                            #:extension extension
                                            #:model model
                                            #:factor factor)))
    (gimp-message (string-append (number->string (car result)) " of "
                                 (number->string (length files)) " pictures were enlarged.\n"
                                 (cadr result)))))
